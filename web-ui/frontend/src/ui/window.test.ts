import { expect, test } from 'vitest';
import { reveal, visible } from './window';

test('visible rows', () => {
  expect(visible(0, 100, 25, 1000, 2)).toEqual({ first: 0, end: 6 });
  expect(visible(250, 100, 25, 1000, 2)).toEqual({ first: 8, end: 16 });
  expect(visible(24_950, 100, 25, 1000, 2)).toEqual({ first: 996, end: 1000 });
  expect(visible(5000, 100, 25, 3, 2)).toEqual({ first: 3, end: 3 });
});

test('reveal moves as little as possible', () => {
  expect(reveal(10, 0, 100, 25)).toBe(175);
  expect(reveal(2, 100, 100, 25)).toBe(50);
  expect(reveal(5, 100, 100, 25)).toBe(100);
});
