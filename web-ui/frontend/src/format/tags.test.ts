import { expect, test } from 'vitest';
import { hueOf } from './tags';

test('a tag has a colour of its own, and the one that it names', () => {
  expect([hueOf('Red'), hueOf('green')]).toEqual([25, 145]);
  expect(hueOf('checkout')).toBe(hueOf('checkout'));
  const hues = ['checkout', 'slow', 'bug', 'seen', 'todo', 'mobile'].map(hueOf);
  expect(new Set(hues).size).toBeGreaterThan(3);
  expect(hues.every((hue) => hue >= 0 && hue < 360)).toBe(true);
});
