import { expect, test } from 'vitest';
import { lineDiff, near, parts } from './lines';

const SIGNS = { same: ' ', removed: '-', added: '+' };

test('lines have their numbers, and those that take the places of others know them', () => {
  const { lines } = lineDiff('a\nb\nc', 'a\nx\nc\nd');
  expect(lines.map(({ edit, text, left, right, other }) => [SIGNS[edit] + text, left, right, other])).toEqual([
    [' a', 1, 1, null],
    ['-b', 2, null, 'x'],
    ['+x', null, 2, 'b'],
    [' c', 3, 3, null],
    ['+d', null, 4, null],
  ]);
});

test('lines far from a difference are counted', () => {
  const many = Array.from({ length: 20 }, (_, at) => `line ${at}`);
  const { lines } = lineDiff(many.join('\n'), [...many.slice(0, 10), 'new', ...many.slice(10)].join('\n'));
  const shown = near(lines, 1).map((line) => ('count' in line ? line.count : SIGNS[line.edit] + line.text));
  expect(shown).toEqual([9, ' line 9', '+new', ' line 10', 9]);
});

test.each([
  [
    'Bearer abc def',
    'Bearer abd def',
    [
      ['Bearer ', false],
      ['abc', true],
      [' def', false],
    ],
  ],
  [
    'max-age=60',
    'max-age=90',
    [
      ['max-age=', false],
      ['60', true],
    ],
  ],
  ['abc', 'xyz', [['abc', true]]],
])('%s beside %s', (text, other, expected) =>
  expect(parts(text, other).map(({ text, differs }) => [text, differs])).toEqual(expected),
);

test('without time a value is not looked into', () => {
  expect(parts('max-age=60', 'max-age=90', -1)).toEqual([{ text: 'max-age=60', differs: true }]);
});
