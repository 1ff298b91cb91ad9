import { expect, test } from 'vitest';
import { hasRange, withoutRange, withRange } from './range';

const AT = Date.parse('2026-11-29T10:00:00Z');

test.each([
  ['', 'since:2026-11-29T10:00:00Z until:2026-11-29T10:01:00Z'],
  ['host:a', 'host:a since:2026-11-29T10:00:00Z until:2026-11-29T10:01:00Z'],
  ['since:1h host:a before:10:00', 'host:a since:2026-11-29T10:00:00Z until:2026-11-29T10:01:00Z'],
  ['at:today', 'since:2026-11-29T10:00:00Z until:2026-11-29T10:01:00Z'],
])('%s with a range', (filter, expected) => expect(withRange(filter, AT, AT + 60_000)).toBe(expected));

test('what is no range of its own stays', () => {
  expect(withoutRange('host:a | since:1h')).toBe('host:a | since:1h');
  expect(withoutRange('"since:1h"  x')).toBe('"since:1h"  x');
  expect([hasRange('since:1h'), hasRange('host:a'), hasRange(' ')]).toEqual([true, false, false]);
  expect(withRange('', AT + 1, AT + 2)).toBe('since:2026-11-29T10:00:00.001Z until:2026-11-29T10:00:00.002Z');
});
