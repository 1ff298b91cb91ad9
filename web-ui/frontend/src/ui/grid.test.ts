import { expect, test } from 'vitest';
import { moved, stepOf, template, type Column } from './grid';

const columns: Column<string>[] = [
  { id: 'a', title: 'A', width: '50px', narrow: '40px', text: (row) => row },
  { id: 'b', title: 'B', width: '1fr', text: (row) => row },
];

test('columns are laid out by their widths', () => {
  expect(template(columns, false)).toBe('50px 1fr');
  expect(template(columns, true)).toBe('40px');
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
