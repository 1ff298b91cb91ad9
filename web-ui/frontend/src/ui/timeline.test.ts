import { expect, test } from 'vitest';
import { marks, place } from './timeline';

const window = { from: 1000, until: 2000 };

test.each([
  ['within', { from: 1250, until: 1500 }, { left: 25, width: 25 }],
  ['from before', { from: 0, until: 1500 }, { left: 0, width: 50 }],
  ['to behind', { from: 1900, until: 5000 }, { left: 90, width: 10 }],
  ['of no length', { from: 1100, until: 1100 }, { left: 10, width: 0 }],
  ['before', { from: 0, until: 900 }, null],
  ['behind', { from: 2100, until: 2200 }, null],
])('a span %s', (_, span, expected) => expect(place(span, window)).toEqual(expected));

test('a window of no length shows nothing', () => {
  expect(place({ from: 1, until: 3 }, { from: 2, until: 2 })).toBeNull();
});

test('marks are round, and as many as there is room for', () => {
  expect(marks({ from: 3_000, until: 63_000 }, 8)).toEqual([10_000, 20_000, 30_000, 40_000, 50_000, 60_000]);
  expect(marks({ from: 0, until: 86_400_000 }, 5).map((ms) => ms / 3_600_000)).toEqual([0, 6, 12, 18, 24]);
});

test('marks are round where the clock is ahead', () => {
  expect(marks({ from: 0, until: 86_400_000 }, 3, 3_600_000).map((ms) => ms / 3_600_000)).toEqual([11, 23]);
});
