import { expect, test } from 'vitest';
import { highlighted, MOST } from './highlight';

test.each([
  ['json', '{"a": "b", "c": 1}', 'name:"a" string:"b" name:"c" number:1'],
  ['html', '<p class="x">a<!-- b --></p>', 'word:<p name:class string:"x" word:> comment:<!-- b --> word:</p word:>'],
  ['css', 'a { color: #fff; }', 'name:color number:#fff'],
  ['javascript', 'const a = "b"; // c', 'word:const string:"b" comment:// c'],
  ['graphql', 'query ($id: ID!) { a }', 'word:query name:$id'],
  ['diagnostic', "{1: h'00ff'}", "number:1 string:h'00ff'"],
  ['plain', 'const "a"', ''],
])('%s: %j', (language, text, expected) => {
  const pieces = highlighted(language, text);
  const coloured = pieces.filter(({ kind }) => kind !== 'plain').map(({ kind, text }) => `${kind}:${text}`);
  expect(coloured.join(' ')).toBe(expected);
  expect(pieces.map(({ text }) => text).join('')).toBe(text);
});

test('a long text has no colours, and one of many pieces ends as it is', () => {
  expect(highlighted('json', '1 '.repeat(200_000))).toHaveLength(1);
  const many = '1 '.repeat(24_000);
  expect(
    highlighted('json', many)
      .map(({ text }) => text)
      .join(''),
  ).toBe(many);
});

const HOSTILE = [
  'w',
  '"',
  '\\"',
  '"\\',
  "'",
  '`',
  '\\`',
  '<!--',
  '<!',
  '<a',
  '/*',
  '"""',
  'a:',
  'a ',
  '1',
  '1.',
  '-',
  "h'",
  '" ',
  ' ',
];

// One that looked again and again at the rest would take minutes.
test.each(['json', 'diagnostic', 'xml', 'css', 'javascript', 'graphql'])(
  '%s: hostile text does not hold up',
  (language) => {
    for (const part of HOSTILE) {
      const text = `${part === '\\"' ? '"' : part === '\\`' ? '`' : ''}${part.repeat(MOST)}`.slice(0, MOST);
      const pieces = highlighted(language, text);
      expect(pieces.map((piece) => piece.text).join('') === text, part).toBe(true);
    }
  },
);
