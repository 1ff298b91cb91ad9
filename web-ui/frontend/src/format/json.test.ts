import { describe, expect, it } from 'vitest';
import { indent, tokenize } from './json';

const pretty = (text: string) => {
  const tokens = tokenize(text);
  return tokens === null
    ? null
    : indent(tokens)
        .map((token) => token.text)
        .join('');
};

describe('JSON', () => {
  it('is indented as JSON.stringify would', () => {
    const value = { a: [1, { b: null }], empty: {}, none: [], 'q"\\': 'x\ny', deep: [[[]], [true, false]] };
    expect(pretty(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
    expect(pretty(JSON.stringify(value, null, 7))).toBe(JSON.stringify(value, null, 2));
  });

  it('keeps what parsing would change', () => {
    expect(pretty('{"a":12345678901234567890,"a":1.0,"b":"\\u00e4\\/"}')).toBe(
      '{\n  "a": 12345678901234567890,\n  "a": 1.0,\n  "b": "\\u00e4\\/"\n}',
    );
  });

  it.each([
    '',
    ' ',
    '{',
    '[1,]',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{a:1}',
    '[1 2]',
    '1 2',
    '[1}',
    ']',
    '{"a":1}x',
    '"open',
    '01',
    '[+1]',
    "['a']",
    '{1:2}',
    ':',
    '"tab\there"',
  ])('%j is none', (text) => {
    expect(() => JSON.parse(text) as unknown).toThrow();
    expect(tokenize(text)).toBeNull();
  });

  it.each(['1', '-0.5e+10', '"x"', 'null', '[]', '{}', ' [ ] ', '[{"a":[]},"\\""]', '[1,\n2]'])(
    '%j is some',
    (text) => {
      expect(() => JSON.parse(text) as unknown).not.toThrow();
      expect(tokenize(text)).not.toBeNull();
    },
  );

  it('tells names from strings', () => {
    const kinds = tokenize('{"a":"b","c":[1,true]}')?.filter(({ kind }) => kind !== 'mark');
    expect(kinds).toEqual([
      { kind: 'name', text: '"a"' },
      { kind: 'string', text: '"b"' },
      { kind: 'name', text: '"c"' },
      { kind: 'number', text: '1' },
      { kind: 'word', text: 'true' },
    ]);
  });

  it('copes with size and depth', () => {
    expect(tokenize(`"${'x\\n'.repeat(1_000_000)}"`)).toHaveLength(1);
    expect(tokenize('['.repeat(50_000) + ']'.repeat(50_000))).toHaveLength(100_000);
  });
});
