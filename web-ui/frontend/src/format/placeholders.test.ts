import { describe, expect, it, test } from 'vitest';
import { isReplaced, meaning, pieces, placeholders, shortened } from './placeholders';

const SEALED = '~sealed.password.0123456789abcdef01234567~';

test('a text is taken apart at its placeholders, and nothing of it is lost', () => {
  const text = `a=${SEALED}&b=~masked.card.lt32~ ~pseudonym.token.aaaaaaaaaaaaaaaaaaaaaaaa~`;
  const found = pieces(text);
  expect(found.map((piece) => (typeof piece === 'string' ? piece : `${piece.how} ${piece.kind}`))).toEqual([
    'a=',
    'sealed password',
    '&b=',
    'masked card',
    ' ',
    'pseudonym token',
  ]);
  expect(found.map((piece) => (typeof piece === 'string' ? piece : piece.text)).join('')).toBe(text);
  expect(placeholders(text).map(({ id, length }) => id ?? length)).toEqual([
    '0123456789abcdef01234567',
    'lt32',
    'aaaaaaaaaaaaaaaaaaaaaaaa',
  ]);
});

describe('what looks like one', () => {
  it.each([
    '',
    '~',
    '~~',
    '~/.ssh',
    '~sealed.password.0123456789abcdef0123456~',
    '~sealed.Password.0123456789abcdef01234567~',
    '~sealed.password.0123456789ABCDEF01234567~',
    '~masked.card.lt33~',
    '~removed.card.lt32~',
    '~sealed.password.0123456789abcdef01234567',
  ])('%j is none', (text) => {
    expect(pieces(text)).toEqual([text]);
    expect(placeholders(text)).toEqual([]);
    expect(shortened(text)).toBe(text);
  });
});

test('values that are replaced are told from others', () => {
  expect([SEALED, `Bearer ${SEALED}`, `a=${SEALED}; b=${SEALED}`].map(isReplaced)).toEqual([true, true, true]);
  expect(['', 'x', `${SEALED} ${'x'.repeat(50)}`].map(isReplaced)).toEqual([false, false, false]);
});

test('a line of a list has their kinds', () => {
  expect(shortened(`/login?password=${SEALED}&x=1`)).toBe('/login?password=[password]&x=1');
});

test('each is said in words', () => {
  expect(placeholders(`${SEALED}~masked.card.lt32~`).map(meaning)).toEqual([
    'password, sealed: it can be put back for a while',
    'card, masked: 16 to 31 bytes',
  ]);
});
