import { describe, expect, test } from 'vitest';
import { indent, tokenize } from '../../format/json';
import { Document } from './document';
import type { JsonRow } from './json_lines';

/** A document of `text`, that comes in pieces of `piece` bytes. */
function documentOf(text: string, piece = Infinity): Document {
  const document = new Document(true);
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += piece) document.append(bytes.subarray(at, at + piece));
  document.end();
  return document;
}

/** A row as it is drawn. */
function drawn({ depth, name, text, comma, members }: JsonRow): string {
  const folded = members === null ? '' : ` #${members}`;
  return `${'  '.repeat(depth)}${name === null ? '' : `${name}: `}${text}${folded}${comma ? ',' : ''}`;
}

const rowsOf = (document: Document) => document.answers.json({ first: 0, end: 1000 }).map(drawn);

const SAMPLES = [
  '{"a":1,"b":[true,null,-1.5e+3,"x\\"y\\\\"],"c":{},"d":[],"é":{"f":[[1],[{"g":"h"}]]}}',
  ' [ 1 , { "a" : [ ] , "b" : { } } , "\\u00e9" ] \n',
  '"alone"',
  '12',
  'null',
  '[]',
  '[[[[]]]]',
];

describe('lines of JSON', () => {
  test.each(SAMPLES)('%s are those of the indented document, whatever pieces it comes in', (text) => {
    const expected = indent(tokenize(text) ?? [])
      .map((token) => token.text)
      .join('')
      .split('\n');
    for (const piece of [1, 2, 7, Infinity]) {
      const document = documentOf(text, piece);
      expect(rowsOf(document).map((row) => row.replace(/([[{])\s+([\]}])/, '$1$2'))).toEqual(expected);
      expect(document.state.notJson).toBeNull();
    }
  });

  test('what is no JSON is said, and what came before it is there', () => {
    for (const [text, at] of [
      ['{"a":1,}', 7],
      ['{"a" 1}', 5],
      ['[1 2]', 3],
      ['[01]', 1],
      ['[1}', 2],
      ['{1:2}', 1],
      ['[tru]', 1],
      ['<p>', 0],
      [']', 0],
    ] as const) {
      expect(documentOf(text, 1).state.notJson, text).toBe(at);
    }
    const cut = documentOf('{"a":[1,{"b":"unfinished');
    expect(cut.state.notJson).toBeNull();
    expect(rowsOf(cut)).toEqual(['{', '  "a": [', '    1,', '    {']);
  });

  test('documents come one after another, behind what keeps them from being a script too', () => {
    const lines = documentOf('{"a":1}\n{"a":2}\n', 3);
    expect([lines.state.roots, rowsOf(lines).length]).toEqual([2, 6]);
    expect(lines.answers.path({ line: 4 })).toBe('$[1].a');
    expect(rowsOf(documentOf(")]}',\n[1]"))).toEqual(['[', '  1', ']']);
    expect(rowsOf(documentOf('\ufeff[1]'))).toEqual(['[', '  1', ']']);
  });

  test('brackets within brackets end somewhere', () => {
    expect(documentOf('['.repeat(100_000)).state.notJson).toBe(20_000);
  });

  test('values have paths and texts', () => {
    const document = documentOf(SAMPLES[0] ?? '');
    const paths = Array.from({ length: document.state.rows.json }, (_, line) => document.answers.path({ line }));
    expect(paths).toEqual(
      '$ $.a $.b $.b[0] $.b[1] $.b[2] $.b[3] $.b $.c $.d $.é $.é.f $.é.f[0] $.é.f[0][0] $.é.f[0] $.é.f[1] $.é.f[1][0] $.é.f[1][0].g $.é.f[1][0] $.é.f[1] $.é.f $.é $'.split(
        ' ',
      ),
    );
    expect(document.answers.value({ line: 6 })).toBe('"x\\"y\\\\"');
    expect(document.answers.value({ line: 18 })).toBe('{"g":"h"}');
    expect(document.answers.value({ line: 8 })).toBe('{}');
    expect(document.answers.parent({ line: 6 })).toBe(2);
    expect(document.answers.parent({ line: 0 })).toBeNull();
  });

  test('a long value is shown by its beginning', () => {
    const [row] = documentOf(JSON.stringify('ü'.repeat(5000))).answers.json({ first: 0, end: 1 });
    expect([row?.text.length, row?.more]).toEqual([1000, 8002]);
  });
});

describe('folds', () => {
  const TEXT = '{"a":[1,{"b":[2,3]}],"c":{"d":4}}';

  test('hide what is within', () => {
    const document = documentOf(TEXT);
    document.answers.toggle({ line: 1 });
    expect(rowsOf(document)).toEqual(['{', '  "a": [1,{"b":[2,3]}] #2,', '  "c": {', '    "d": 4', '  }', '}']);
    expect(document.answers.rowOf({ line: 5 })).toBe(1);
    expect(document.answers.rowOf({ line: 10 })).toBe(2);
    document.answers.toggle({ line: 1 });
    expect(document.state.rows.json).toBe(14);
  });

  test('by level, and what is found is unfolded', () => {
    const document = documentOf(TEXT);
    document.answers.fold({ level: 1 });
    expect(rowsOf(document)).toEqual(['{', '  "a": [1,{"b":[2,3]}] #2,', '  "c": {"d":4} #1', '}']);
    document.answers.find({ query: '3' });
    document.search(Infinity);
    expect(document.state.found).toBe(1);
    const row = document.answers.reveal({ match: 0, rows: 'json' });
    expect(rowsOf(document)[row]).toBe('        3');
    expect(rowsOf(document).at(-2)).toBe('  "c": {"d":4} #1');
    document.answers.fold({ level: Infinity });
    expect(document.state.rows.json).toBe(14);
    document.answers.fold({ level: 0 });
    expect(rowsOf(document)).toEqual([`${TEXT} #2`]);
  });
});

describe('text', () => {
  test('has its lines, broken where they are long, but not within a placeholder', () => {
    const document = documentOf('one\r\nüü\n\nlast', 2);
    const rows = () => document.answers.text({ first: 0, end: 100 });
    expect(rows()).toEqual([
      { number: 1, text: 'one' },
      { number: 2, text: 'üü' },
      { number: 3, text: '' },
      { number: 4, text: 'last' },
    ]);
    const long = documentOf(`${'ü'.repeat(30)}\n${'a'.repeat(10)}~sealed.password.0123456789abcdef01234567~b`);
    long.answers.wrap({ columns: 20 });
    const texts = long.answers.text({ first: 0, end: 100 });
    expect(texts.slice(0, 3)).toEqual([
      { number: 1, text: 'ü'.repeat(20) },
      { number: null, text: 'ü'.repeat(10) },
      { number: 2, text: 'a'.repeat(10) },
    ]);
    expect(texts.map(({ text }) => text).join('')).toContain('aaa~sealed.password.');
    expect(long.state.lines).toBe(2);
  });
});

describe('a search', () => {
  test('finds small and capital letters alike, in all that has come', () => {
    const document = new Document(false);
    const add = (text: string) => document.append(new TextEncoder().encode(text));
    add('Token toKEN to');
    document.answers.find({ query: 'TOKEN' });
    document.search(Infinity);
    expect([document.state.found, document.searching]).toEqual([2, false]);
    // More may come.
    expect(document.state.searching).toBe(true);
    add('ken');
    document.end();
    expect(document.searching).toBe(true);
    while (document.searching) document.search(3);
    expect(document.state.found).toBe(3);
    expect(document.answers.reveal({ match: 2, rows: 'hex' })).toBe(0);
    document.answers.find({ query: '' });
    expect(document.state.found).toBe(0);
  });

  test('of letters beyond ASCII', () => {
    const document = documentOf('"Grüße, grüße"');
    document.answers.find({ query: 'GRüßE' });
    document.search(Infinity);
    expect(document.state.found).toBe(2);
  });
});

test('hex is the bytes of its rows', () => {
  const { offset, bytes } = documentOf('x'.repeat(40)).answers.hex({ first: 1, end: 9 });
  expect([offset, bytes.length]).toEqual([16, 24]);
});
