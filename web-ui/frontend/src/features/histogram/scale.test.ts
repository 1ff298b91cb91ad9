import { expect, test } from 'vitest';
import type { Histogram } from '../../api/types';
import { barAt, barsOf, hatchesOf, wordsOf } from './scale';

const at = (minute: number) => `2026-11-29T10:${String(minute).padStart(2, '0')}:00Z`;
const histogram = {
  every_us: 60_000_000,
  buckets: [
    { from: at(0), count: 10, errors: 5 },
    { from: at(1), count: 0, errors: 0 },
    { from: at(2), count: 100, errors: 0 },
    { from: at(3), count: 1, errors: 1 },
  ],
  covered: {
    gaps: [
      { from: at(1), until: at(2), exchanges: 7, reason: 'queue_full' },
      { from: '2026-11-28T10:00:00Z', until: '2026-11-28T11:00:00Z', exchanges: 1, reason: 'queue_full' },
    ],
    unrecorded: [{ from: '2026-11-29T09:00:00Z', until: at(1), level: 'off' }],
  },
} as unknown as Histogram;

test('bars are as wide as their time and as high as their count', () => {
  const bars = barsOf(histogram);
  expect(bars.map(({ left, width }) => [left, width])).toEqual([
    [0, 0.25],
    [0.25, 0.25],
    [0.5, 0.25],
    [0.75, 0.25],
  ]);
  expect(bars.map(({ height, bad }) => [height, bad])).toEqual([
    [0.1, 0.06],
    [0, 0],
    [1, 0],
    [0.06, 0.06],
  ]);
  expect([barAt(bars, 0), barAt(bars, 0.3), barAt(bars, 1)]).toEqual([0, 1, 3]);
  expect(barsOf({ ...histogram, buckets: [] })).toEqual([]);
});

test('gaps are hatched as far as they are in sight', () => {
  expect(hatchesOf(histogram)).toEqual([
    { left: 0.25, width: 0.25, title: '7 exchanges not recorded' },
    { left: 0, width: 0.25, title: 'the level was off' },
  ]);
});

test('bars in words', () => {
  const bars = barsOf(histogram);
  expect(wordsOf(bars, 0, 2)).toMatch(/:00:00 – .*:03:00: 110 exchanges, 5 errors$/);
  expect(wordsOf(bars, 3, 3)).toMatch(/: 1 exchange, 1 error$/);
  expect(wordsOf(bars, 1, 1)).toMatch(/: 0 exchanges, no errors$/);
  expect(wordsOf(bars, 9, 9)).toBe('');
});
