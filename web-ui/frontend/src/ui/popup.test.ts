import { expect, test } from 'vitest';
import { placed } from './popup';

const window = { width: 400, height: 300 };
const popup = { width: 100, height: 80 };

test.each([
  ['below', { left: 50, top: 40, width: 20, height: 10 }, { left: 50, top: 53 }],
  ['above, at the lower edge', { left: 50, top: 260, width: 20, height: 10 }, { left: 50, top: 177 }],
  ['within the right edge', { left: 380, top: 40, width: 20, height: 10 }, { left: 294, top: 53 }],
  ['within the left edge', { left: -30, top: 40, width: 20, height: 10 }, { left: 6, top: 53 }],
])('a popup stands %s', (_, anchor, expected) => expect(placed(anchor, popup, window)).toEqual(expected));

test('a popup that is larger than the window begins at its edge', () => {
  const anchor = { left: 10, top: 150, width: 10, height: 10 };
  expect(placed(anchor, { width: 500, height: 400 }, window)).toEqual({ left: 6, top: 6 });
});
