import { expect, test } from 'vitest';
import { bytesOf, hex } from './hex';

test('hex', () => {
  expect(hex(bytesOf(btoa('\x00\xffAB'), 10), 3)).toBe('00 ff 41\n42');
  expect(bytesOf(btoa('abcdef'), 4)).toHaveLength(4);
});
