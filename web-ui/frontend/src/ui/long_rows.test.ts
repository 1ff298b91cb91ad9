import { expect, test } from 'vitest';
import { HIGHEST, heightOf, scrollFor, topAt } from './long_rows';

test.each([
  [1000, 0],
  [1000, 980],
  [5_000_000, 0],
  [5_000_000, 4_321_000],
  [5_000_000, 4_999_980],
])('of %d rows, row %d is where its scroll position is', (count, row) => {
  const position = scrollFor(row, 360, count, 18);
  expect(position).toBeLessThanOrEqual(heightOf(count, 18) - 360);
  expect(topAt(position, 360, count, 18)).toBeCloseTo(row, 3);
});

test('no list is higher than a browser can draw', () => {
  expect(heightOf(50_000_000, 18)).toBe(HIGHEST);
  expect(topAt(HIGHEST, 360, 50_000_000, 18)).toBe(50_000_000 - 20);
});
