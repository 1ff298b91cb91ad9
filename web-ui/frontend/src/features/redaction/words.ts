// Redaction in words.
import type { RedactionKeep, RedactionRule, RedactionStatus } from '../../api/types';
import { count, plural } from '../../format/size';
import { age } from '../../format/time';

const PLACES = [
  ['header', 'header'],
  ['cookie', 'cookie'],
  ['query', 'query parameter'],
  ['form', 'form field'],
  ['json', 'JSON value'],
  ['regex', 'text that matches'],
  ['detector', 'text found by the detector'],
] as const;

const PARTS: Record<string, string> = { request: 'of requests', response: 'of responses', message: 'of messages' };

const WAYS: Record<string, string> = {
  remove: 'nothing stands in its place',
  mask: 'its kind and about its length stand in its place',
  pseudonym: 'a pseudonym stands in its place: equal values have the same',
  seal: 'a pseudonym stands in its place, and the value is kept encrypted for a while',
};

/** The place that a rule is about: "JSON value $..iban of responses, for *.pay.example". */
export function redactedPlace(rule: RedactionRule | RedactionKeep): string {
  const found = PLACES.find(([field]) => rule[field] != null);
  const place = found === undefined ? 'nothing' : `${found[1]} ${rule[found[0]] ?? ''}`;
  const on = rule.on == null ? '' : ` ${PARTS[rule.on] ?? ''}`;
  return `${place}${on}${rule.host == null ? '' : `, for ${rule.host}`}`;
}

/** What a rule does: "seal, as api-key". */
export function howText({ how, kind }: RedactionRule): string {
  const parts = [how ?? null, kind == null ? null : `as ${kind}`].filter((part) => part !== null);
  return parts.join(', ');
}

/** What a way of replacing means. */
export const wayText = (how: string): string => WAYS[how] ?? '';

/** How long sealed values can be put back. */
export function sealText({ seal_for_s, has_key }: Pick<RedactionStatus, 'seal_for_s' | 'has_key'>): string {
  if (!has_key) return 'The key is missing: no sealed value can be put back.';
  return seal_for_s === 0
    ? 'Nothing is sealed: no value can be put back.'
    : `Sealed values can be put back for ${span(seal_for_s)}, by an admin or a replay.`;
}

/** "24 hours", "7 days". */
function span(seconds: number): string {
  if (seconds > 0 && seconds % 3600 !== 0) return age(seconds);
  const hours = seconds / 3600;
  return hours > 48 && hours % 24 === 0 ? plural(hours / 24, 'day') : plural(hours, 'hour');
}

/** What redaction has done since the start. */
export function countsText({ replaced, withheld }: RedactionStatus): string {
  const more = withheld === 0 ? '' : `; ${count(withheld)} bodies and messages withheld, as they could not be read`;
  return `${plural(replaced, 'value')} replaced since dashcam started${more}.`;
}

/** "3 values redacted (default)"; null where redaction found nothing. `set` is as it is recorded: NAME@HASH. */
export function redactedText(redaction: { set: string; replaced: number }): string | null {
  if (redaction.replaced === 0) return null;
  return `${plural(redaction.replaced, 'value')} redacted (${setName(redaction.set)})`;
}

/** The name in `NAME@HASH`, or the names in `NAME@HASH+NAME@HASH`. */
export const setName = (label: string): string =>
  label
    .split('+')
    .map((one) => one.split('@')[0] ?? one)
    .join(', ');
