// The traits of a rule beyond its filter and its level, in words.
import type { Rule } from '../../api/types';
import { size } from '../../format/size';
import * as texts from '../../texts/rules';

/** A short text, and what it means. */
export interface Trait {
  text: string;
  meaning: string;
}

/** The traits of a rule that are not as by default. */
export function traitsOf({ sample, body_limit, guarantee, keep_for, follow, redaction }: Rule): Trait[] {
  const traits: Trait[] = [];
  if (sample != null) traits.push({ text: sample, meaning: texts.sampleMeaning });
  if (body_limit != null) traits.push({ text: texts.bodiesAtMost(size(body_limit)), meaning: texts.bodyLimitMeaning });
  if (guarantee != null && guarantee !== 'best_effort')
    traits.push({
      text: guarantee,
      meaning: guarantee === 'lossless' ? texts.losslessMeaning : texts.boundedMeaning,
    });
  if (keep_for != null) traits.push({ text: texts.keptFor(keep_for), meaning: texts.keptForMeaning });
  if (follow != null)
    traits.push({
      text: texts.followed(follow),
      meaning: texts.followMeaning,
    });
  if (redaction != null) traits.push({ text: texts.redactedBy(redaction), meaning: texts.redactedByMeaning });
  return traits;
}
