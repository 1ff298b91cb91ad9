import { expect, test } from 'vitest';
import { indexBelow, numberAt, placeOf } from './place';

const sight = (top: number, bottom: number) => ({ top, bottom, end: bottom, atTop: top === 0 });
const ends = { first: 1, last: 1000 };

test('a place is where the numbers in sight are among all', () => {
  const loaded = { ids: [500, 400, 300], hasNewer: true, hasMore: true };
  expect(placeOf(loaded, ends, sight(0, 2))).toEqual([0.5, 0.601]);
  expect(placeOf({ ...loaded, hasNewer: false }, ends, sight(0, 2))[0]).toBe(0);
  expect(placeOf({ ...loaded, hasMore: false }, ends, sight(1, 3))[1]).toBe(1);
  expect(placeOf({ ...loaded, ids: [] }, ends, sight(0, 0))).toEqual([0, 1]);
});

test('a place leads to a number', () => {
  expect([0, 0.5, 1].map((place) => numberAt(place, ends, [0.2, 0.3]))).toEqual([1000, 550, 100]);
});

test.each([
  [450, 1],
  [400, 1],
  [300, 2],
  [501, -1],
  [299, -1],
])('the row for %d is %d', (id, index) => {
  expect(indexBelow({ ids: [500, 400, 300], hasNewer: true, hasMore: true }, id)).toBe(index);
});

test('where nothing is newer or older, the ends are the rows for all beyond', () => {
  const all = { ids: [500, 400], hasNewer: false, hasMore: false };
  expect([indexBelow(all, 900), indexBelow(all, 3)]).toEqual([0, 1]);
});
