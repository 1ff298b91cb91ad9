// The traits of a rule beyond its filter and its level, in words.
import type { Rule } from '../../api/types';
import { size } from '../../format/size';

/** A short text, and what it means. */
export interface Trait {
  text: string;
  meaning: string;
}

/** The traits of a rule that are not as by default. */
export function traitsOf({ sample, body_limit, guarantee, keep_for, follow, redaction }: Rule): Trait[] {
  const traits: Trait[] = [];
  if (sample != null)
    traits.push({ text: sample, meaning: 'The part of them that is kept; the rest counts as sampled out' });
  if (body_limit != null)
    traits.push({ text: `bodies ≤ ${size(body_limit)}`, meaning: 'So much of each body is stored at most' });
  if (guarantee != null && guarantee !== 'best_effort')
    traits.push({
      text: guarantee,
      meaning:
        guarantee === 'lossless'
          ? 'Traffic waits for the disk, and is refused with 503 while the disk is gone'
          : 'Traffic waits so long at most for room; then it counts as dropped',
    });
  if (keep_for != null) traits.push({ text: `kept ${keep_for}`, meaning: 'Deleted after that time' });
  if (follow != null)
    traits.push({
      text: `and the ${follow}`,
      meaning: 'Once one was kept, so is all else of its client or trace, for that time',
    });
  if (redaction != null)
    traits.push({ text: `redacted by ${redaction}`, meaning: 'The set that takes secrets out of their records' });
  return traits;
}
