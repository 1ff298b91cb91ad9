import { expect, test } from 'vitest';
import { after, characters, isUnfinished, offset, wordStart } from './typed';

test('characters are counted as dashcam does', () => {
  expect([characters('a💥b', 3), characters('a💥b', 4)]).toEqual([2, 3]);
  expect([offset('a💥b', 2), offset('a💥b', 9), offset('', 1)]).toEqual([3, 4, 0]);
});

test.each([
  ['ho', 0, 2, 'host:', 'host:', 5, true],
  ['ho x', 0, 2, 'host:', 'host: x', 5, true],
  ['💥 host:ap x', 7, 9, 'api.test', '💥 host:api.test x', 16, false],
  ['~', 0, 1, '~d', '~d ', 3, true],
  ['~ x', 0, 1, '~d', '~d x', 3, true],
  ['he', 0, 2, 'header.', 'header.', 7, true],
])('%j from %i to %i with %j', (text, from, to, offer, expected, at, goesOn) => {
  expect(after(text, from, to, offer)).toEqual({ text: expected, at, goesOn });
});

test.each(['host:', 'a -host:', '(res.header.x-id:', 'status:404,', 'host:=', 'a|host:'])(
  '%j is not finished',
  (text) => expect(isUnfinished(text)).toBe(true),
);
test.each(['', 'host', 'host:a', 'host: ', '"host:', 'http://', 'a:b', 'status:404,5'])('%j is finished', (text) =>
  expect(isUnfinished(text)).toBe(false),
);

test.each([
  ['host:a', 5, 0],
  ['x -host:a', 8, 2],
  ['💥 (a|host:a', 10, 5],
  ['a ', 2, 2],
])('in %j the word of the character %i begins at %i', (text, at, start) => expect(wordStart(text, at)).toBe(start));
