import { expect, test } from 'vitest';
import { assign } from './slots';

test('rows that stay keep their elements, and those that come get the ones of those that leave', () => {
  const first = assign([], [9, 8, 7]);
  expect(first.map(({ id }) => id)).toEqual([0, 1, 2]);
  const second = assign(first, [11, 10, 9]);
  expect(second.map(({ key }) => key)).toEqual([11, 10, 9]);
  expect(second[2]).toEqual({ id: 0, key: 9 });
  expect(new Set(second.map(({ id }) => id))).toEqual(new Set([0, 1, 2]));
  expect(assign(second, [11, 10, 9, 8]).map(({ id }) => id)[3]).toBe(3);
  expect(assign(second, [10])).toEqual([{ id: second[1]?.id, key: 10 }]);
});
