import { expect, test } from 'vitest';
import { offsetIn } from './offset';

test.each([
  ['4096', 4096],
  [' 1,048,576 ', 1_048_576],
  ['0x1000', 4096],
  ['ffh', 255],
  ['', null],
  ['ff', null],
  ['-1', null],
  ['99999999999999999999', null],
])('%j is byte %s', (text, expected) => expect(offsetIn(text)).toBe(expected));
