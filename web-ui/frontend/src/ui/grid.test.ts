import { expect, test } from 'vitest';
import { fitting, moved, roomOf, stepOf, template, type Column } from './grid';

const columns: Column<string>[] = [
  { id: 'a', title: 'A', width: '50px', narrow: '40px', ample: '60px', slim: '30px', text: (row) => row },
  { id: 'b', title: 'B', width: '1fr', below: '1 / -1', text: (row) => row },
  { id: 'c', title: 'C', ample: '70px', text: (row) => row },
];

test.each<[number, string, string]>([
  [1400, '60px 1fr 70px', 'a b c'],
  [1024, '50px 1fr', 'a b'],
  [700, '40px', 'a'],
  [390, '30px', 'a b'],
])('columns in %d px are %s', (width, tracks, shown) => {
  const room = roomOf(width);
  expect(template(columns, room)).toBe(tracks);
  expect(
    fitting(columns, room)
      .map(({ id }) => id)
      .join(' '),
  ).toBe(shown);
});

test.each([
  ['ArrowDown', 1],
  ['PageUp', -20],
  ['End', Infinity],
  ['x', undefined],
])('%s moves by %s', (key, step) => expect(stepOf(key, 20)).toBe(step));

test.each([
  [-1, 1, 5, 0],
  [2, 1, 5, 3],
  [4, 1, 5, 4],
  [2, -20, 5, 0],
  [2, Infinity, 5, 4],
  [2, -Infinity, 5, 0],
  [-1, 1, 0, 0],
])('from %d by %d of %d is %d', (at, step, count, index) => expect(moved(at, step, count)).toBe(index));
