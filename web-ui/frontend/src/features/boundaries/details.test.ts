import { expect, test } from 'vitest';
import { detailText, stepOf } from './details';

const lease = {
  lease: 3,
  event: 'ended',
  rule: { name: 'lease-3', match: 'host:a', level: 'full' },
  until: null,
  max_bytes: 2048,
  max_exchanges: null,
  persist: false,
  used_bytes: 1024,
  used_exchanges: 7,
  because: 'bytes',
};

test.each([
  ['settings', null, null],
  ['step', { step: 'heads', because: 'cpu 7 % of 5 %' }, 'budget: heads, cpu 7 % of 5 %'],
  ['step', { step: 'full', because: null }, 'budget: full'],
  ['lease', lease, 'lease 3 ended (bytes): full of host:a, at most 2.0 KiB, 7 exchanges and 1.0 KiB used'],
  ['snapshot', { name: 'inc-1', exchanges: 7, more: {} }, 'name inc-1, exchanges 7'],
])('%s %o', (kind, detail, expected) => {
  // The document calls any JSON an object without members.
  expect(detailText({ kind, detail: detail as Record<string, never> | null })).toBe(expected);
});

test('a lease of everything says until when', () => {
  const detail = { ...lease, rule: { level: 'full', match: '' }, until: Date.parse('2026-11-22T15:04:05Z') * 1000 };
  expect(detailText({ kind: 'lease', detail: detail as unknown as Record<string, never> })).toMatch(
    /full of everything, until 2026-11-2\d \d\d:\d\d:05/,
  );
});

test('other changes are no steps', () => {
  expect(stepOf({ kind: 'lease', detail: { step: 'heads' } as unknown as Record<string, never> })).toBeNull();
});
