import { describe, expect, it, test } from 'vitest';
import { partsOf } from './highlight';
import { HELP } from './help';

/** Parts that are coloured, as `kind text`. */
const coloured = (text: string) =>
  partsOf(text)
    .filter(({ kind }) => kind !== 'plain')
    .map(({ kind, text }) => `${kind} ${text}`);

test.each([
  ['host:api status:5xx', ['field host:', 'field status:', 'number 5xx']],
  ['-host:api.* dur:>500ms', ['joint -', 'field host:', 'field dur:', 'number >500ms']],
  ['a | b and not c', ['joint |', 'joint and', 'joint not']],
  ['(status:404) orange', ['joint (', 'field status:', 'number 404', 'joint )']],
  ['body:"out of stock" \'x', ['field body:', 'text "out of stock"', "text 'x"]],
  ['~d example & ~c 404', ['operator ~d', 'joint &', 'operator ~c']],
  ['path:/v1\\/\\d+/', ['field path:', 'text /v1\\/\\d+/']],
  ['http://www.example.com/ x-y', []],
  ['req.header."a b":=c', ['field req.header."a b":']],
  ['status:404,5xx', ['field status:', 'number 404', 'number 5xx']],
])('%s', (text, expected) => expect(coloured(text)).toEqual(expected));

describe('nothing is lost', () => {
  it.each([
    ...HELP.flatMap(({ examples }) => examples),
    '',
    ' ',
    '"',
    '\\',
    '-',
    'a:',
    'ü☃ "\\',
    '((',
    'x\n:y',
    '😀:1',
  ])('%j', (text) =>
    expect(
      partsOf(text)
        .map((part) => part.text)
        .join(''),
    ).toBe(text),
  );
});
