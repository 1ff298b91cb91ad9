import { expect, test } from 'vitest';
import type { RedactionRule, RedactionStatus } from '../../api/types';
import { countsText, howText, redactedPlace, redactedText, sealText, setName } from './words';

test.each<[RedactionRule, string, string]>([
  [{ header: 'x-key' }, 'header x-key', ''],
  [
    { json: '$..iban', on: 'response', host: '*.pay.example', how: 'mask' },
    'JSON value $..iban of responses, for *.pay.example',
    'mask',
  ],
  [{ query: 'sig', how: 'seal', kind: 'signature' }, 'query parameter sig', 'seal, as signature'],
  [{ detector: 'card' }, 'text found by the detector card', ''],
])('%j is said as %s', (rule, place, how) => {
  expect(redactedPlace(rule)).toBe(place);
  expect(howText(rule)).toBe(how);
});

test.each([
  [86_400, true, 'for 24 hours,'],
  [604_800, true, 'for 7 days,'],
  [3600, true, 'for 1 hour,'],
  [90, true, 'for 1 min,'],
  [0, true, 'Nothing is sealed'],
  [86_400, false, 'The key is missing'],
])('seals for %d s, key %s: %s', (seal_for_s, has_key, expected) => {
  expect(sealText({ seal_for_s, has_key })).toContain(expected);
});

test('an exchange says how many values are redacted, and by which set', () => {
  expect(redactedText({ set: 'default@1a2b3c4d', replaced: 3 })).toBe('3 values redacted (default)');
  expect(redactedText({ set: 'a@1+b@2', replaced: 1 })).toBe('1 value redacted (a, b)');
  expect(redactedText({ set: 'default@1a2b3c4d', replaced: 0 })).toBeNull();
  expect(setName('alone')).toBe('alone');
});

test('counts say what was withheld, if anything was', () => {
  const status = { replaced: 1204, withheld: 0 } as RedactionStatus;
  expect(countsText(status)).toBe('1\u2009204 values replaced since dashcam started.');
  expect(countsText({ ...status, withheld: 2 })).toContain('; 2 bodies and messages withheld');
});
