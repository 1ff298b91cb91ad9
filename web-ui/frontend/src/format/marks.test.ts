import { expect, test } from 'vitest';
import { marked } from './marks';

test.each([
  ['a Token, a token', 'token', 'a [Token], a [token]'],
  ['aaa', 'aa', '[aa]a'],
  ['nothing', 'x', 'nothing'],
  ['', 'x', ''],
  ['İx', 'X', 'İ[x]'],
  ['all', '', 'all'],
])('%j searched for %j: %s', (text, query, expected) => {
  const drawn = marked(text, query).map(({ text, found }) => (found ? `[${text}]` : text));
  expect(drawn.join('')).toBe(expected);
});
