// Redaction in words.
import type { RedactionKeep, RedactionRule, RedactionStatus } from '../../api/types';
import { age } from '../../format/time';
import * as counts from '../../texts/counts';
import * as texts from '../../texts/redaction';

const PLACES = ['header', 'cookie', 'query', 'form', 'json', 'regex', 'detector'] as const;

const PARTS: Record<string, string> = texts.parts;

const WAYS: Record<string, string> = texts.ways;

/** The place that a rule is about: "JSON value $..iban of responses, for *.pay.example". */
export function redactedPlace(rule: RedactionRule | RedactionKeep): string {
  const found = PLACES.find((field) => rule[field] != null);
  const place = found === undefined ? texts.nothing : `${texts.places[found]} ${rule[found] ?? ''}`;
  const on = rule.on == null ? '' : ` ${PARTS[rule.on] ?? ''}`;
  return rule.host == null ? `${place}${on}` : texts.forHost(`${place}${on}`, rule.host);
}

/** What a rule does: "seal, as api-key". */
export function howText({ how, kind }: RedactionRule): string {
  const parts = [how ?? null, kind == null ? null : texts.asKind(kind)].filter((part) => part !== null);
  return parts.join(', ');
}

/** What a way of replacing means. */
export const wayText = (how: string): string => WAYS[how] ?? '';

/** How long sealed values can be put back. */
export function sealText({ seal_for_s, has_key }: Pick<RedactionStatus, 'seal_for_s' | 'has_key'>): string {
  if (!has_key) return texts.keyIsMissing;
  return seal_for_s === 0 ? texts.nothingSealed : texts.canBePutBack(span(seal_for_s));
}

/** "24 hours", "7 days". */
function span(seconds: number): string {
  if (seconds > 0 && seconds % 3600 !== 0) return age(seconds);
  const hours = seconds / 3600;
  return hours > 48 && hours % 24 === 0 ? counts.days(hours / 24) : counts.hours(hours);
}

/** What redaction has done since the start. */
export function countsText({ replaced, withheld }: RedactionStatus): string {
  return withheld === 0 ? texts.replaced(replaced) : texts.replacedAndWithheld(replaced, withheld);
}

/** "3 values redacted (default)"; null where redaction found nothing. `set` is as it is recorded: NAME@HASH. */
export function redactedText(redaction: { set: string; replaced: number }): string | null {
  if (redaction.replaced === 0) return null;
  return texts.valuesRedacted(redaction.replaced, setName(redaction.set));
}

/** The name in `NAME@HASH`, or the names in `NAME@HASH+NAME@HASH`. */
export const setName = (label: string): string =>
  label
    .split('+')
    .map((one) => one.split('@')[0] ?? one)
    .join(', ');
