import { expect, test } from 'vitest';
import { changeOf, fieldRows, summaryOf, urlRows } from './rows';

test('fields are compared by name, whatever their order and case', () => {
  const left = [
    ['Host', 'a'],
    ['Accept', '*/*'],
    ['Set-Cookie', 'a=1'],
    ['Set-Cookie', 'b=1'],
    ['Date', 'x'],
  ];
  const right = [
    ['accept', '*/*'],
    ['host', 'b'],
    ['set-cookie', 'b=1'],
    ['date', 'y'],
    ['x-new', '1'],
  ];
  const rows = fieldRows(left, right);
  expect(rows.map((row) => `${changeOf(row)} ${row.name} ${row.left} ${row.right}`)).toEqual([
    'changed Host a b',
    'same Accept */* */*',
    'removed Set-Cookie a=1 null',
    'same Set-Cookie b=1 b=1',
    'changed Date x y',
    'added x-new null 1',
  ]);
  expect(summaryOf(rows)).toBe('1 changed, 1 added, 2 that vary');
  expect(summaryOf([])).toBe('no difference');
});

test('URLs are compared part by part', () => {
  const rows = urlRows('https://a/x?q=1&q=2&v', 'https://a/y?q=2&q=3&w=%20');
  expect(rows.map((row) => `${changeOf(row)} ${row.name} ${row.left} ${row.right}`)).toEqual([
    'same origin https://a https://a',
    'changed path /x /y',
    'changed ?q 1 3',
    'same ?q 2 2',
    'removed ?v  null',
    'added ?w null %20',
  ]);
});
