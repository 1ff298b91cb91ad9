// Redaction: marks of redacted values and what can be done with them, the set that is on, and rules in words.
import * as counts from './counts';

// A placeholder that tells more, and leads to equal values, once it is pressed; or the sealed value, while it is in clear.
export const inClear = 'In clear for ten seconds';

// What the placeholder that was pressed is, and what can be done about it.
export const cannotBeShown = (kind: string) => `The ${kind} can’t be shown`;
export const redactedValue = (kind: string) => `A redacted value: ${kind}`;
export const sameValue = 'Exchanges with the same value';
export const copyPlaceholder = 'Copy the placeholder';
export const showInClear = 'Show in clear for 10 s…';
export const toSeeIt = 'To see it';
export const askToShow = (kind: string) => `Show this ${kind} in clear?`;
export const showIt = 'Show it';
export const howLongShown =
  'It is shown for ten seconds, or until this page goes out of sight. The audit log says that you have seen it.';

// Redaction is off: it is said for as long as that is so.
export const isOff = 'Redaction is off.';
export const recordedAsTheyPass = 'Passwords, tokens and cookies are recorded as they pass.';
export const toTurnItOn = 'To turn it on, take';
export const offOption = '--redaction off';
export const or = 'or';
export const offSetting = 'set = "off"';
export const awayFromConfig = 'in config.toml away, and start dashcam again.';

// A button beside a value, where it may be redacted. It shows where the pointer or the focus is.
export const redactNamed = (name: string) => `Redact ${name}`;
export const redactThis = 'Redact this value…';

// The set of redaction that is on, in the top bar, or loudly that none is; it leads to the sets.
export const secretsPass = 'Secrets are recorded as they pass';
export const secretsReplacedBy = (set: string) => `Secrets are replaced before they are recorded, by the set ${set}.`;
export const redaction = 'Redaction';
export const off = 'off';

// How many values of the exchange are redacted, and by which set.
export const bySet = (set: string) => `By the set ${set}. Show the sets`;
export const wasOff = 'Redaction was off when it was recorded: secrets stand as they passed';
export const notRedacted = 'not redacted';

// What can be done with a value of a body that was pressed.
export const valueAt = (place: string) => `The value ${place}`;
export const copyValue = 'Copy the value';

// Redaction in words.
export const places = {
  header: 'header',
  cookie: 'cookie',
  query: 'query parameter',
  form: 'form field',
  json: 'JSON value',
  regex: 'text that matches',
  detector: 'text found by the detector',
};
export const parts = { request: 'of requests', response: 'of responses', message: 'of messages' };
export const ways = {
  remove: 'nothing stands in its place',
  mask: 'its kind and about its length stand in its place',
  pseudonym: 'a pseudonym stands in its place: equal values have the same',
  seal: 'a pseudonym stands in its place, and the value is kept encrypted for a while',
};
export const nothing = 'nothing';
export const forHost = (place: string, host: string) => `${place}, for ${host}`;
export const asKind = (kind: string) => `as ${kind}`;
export const keyIsMissing = 'The key is missing: no sealed value can be put back.';
export const nothingSealed = 'Nothing is sealed: no value can be put back.';
export const canBePutBack = (time: string) => `Sealed values can be put back for ${time}, by an admin or a replay.`;
export const replaced = (values: number) => `${counts.values(values)} replaced since dashcam started.`;
export const replacedAndWithheld = (values: number, withheld: number) =>
  `${counts.values(values)} replaced since dashcam started; ${counts.count(withheld)} bodies and messages withheld, as they could not be read.`;
export const valuesRedacted = (number: number, set: string) => `${counts.values(number)} redacted (${set})`;
