import { expect, test } from 'vitest';
import { quoted } from './shell';

test.each([
  ['/home/me/.dashcam/ca.pem', '/home/me/.dashcam/ca.pem'],
  ['/home/my files/ca.pem', "'/home/my files/ca.pem'"],
  ["it's", "'it'\\''s'"],
  ['$HOME', "'$HOME'"],
  ['', "''"],
])('%s is one word of a shell', (word, expected) => expect(quoted(word)).toBe(expected));
