import { expect, test } from 'vitest';
import { dropIndex, reordered } from './reorder';

test.each([
  [0, 2, 'bca'],
  [2, 0, 'cab'],
  [1, 1, 'abc'],
  [0, 1, 'bac'],
])('from %d to %d', (from, to, expected) => expect(reordered([...'abc'], from, to).join('')).toBe(expected));

test.each([
  [5, 0],
  [11, 1],
  [29, 1],
  [31, 2],
])('dragged to %d it is at %d', (y, expected) => expect(dropIndex([10, 30], y)).toBe(expected));
