import { expect, test } from 'vitest';
import { further, percent } from './search';

const step = (looked_at: number, left: number) => ({ looked_at, left, bytes: 10, unreadable: 1, took_us: 1 });

test('steps add up', () => {
  const first = further(null, step(20, 80));
  expect(first && percent(first)).toBe(20);
  const second = further(first, step(30, 50));
  expect(second).toEqual({ lookedAt: 50, left: 50, bytes: 20, unreadable: 2 });
  expect(second && percent(second)).toBe(50);
  expect(further(second, null)).toBeNull();
});

test('only the end is all', () => {
  expect(percent({ lookedAt: 999, left: 1, bytes: 0, unreadable: 0 })).toBe(99);
  expect(percent({ lookedAt: 0, left: 0, bytes: 0, unreadable: 0 })).toBe(100);
});
