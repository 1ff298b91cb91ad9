import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { blocks, plain, spans } from './markdown';

test('a document is its blocks', () => {
  const text =
    '# A `b`\n\nOne\ntwo **x**.\n```sh\n| x\n# y\n```\n| h | `a \\| b` |\n|---|---|\n| 1 | |\n| 2 | [l](#l) |\n';
  expect(blocks(text)).toEqual([
    {
      kind: 'heading',
      level: 1,
      line: [
        { kind: 'text', text: 'A ' },
        { kind: 'code', text: 'b' },
      ],
    },
    { kind: 'paragraph', line: spans('One two **x**.') },
    { kind: 'code', text: '| x\n# y' },
    {
      kind: 'table',
      head: [[{ kind: 'text', text: 'h' }], [{ kind: 'code', text: 'a | b' }]],
      rows: [
        [[{ kind: 'text', text: '1' }], []],
        [[{ kind: 'text', text: '2' }], [{ kind: 'link', text: 'l' }]],
      ],
    },
  ]);
  expect(blocks('- a\n  b\n- `c`\n')).toEqual([{ kind: 'list', items: [spans('a b'), spans('`c`')] }]);
});

test.each([
  ['``a ` b``', 'code:a ` b'],
  ['x `a` y', 'text:x |code:a|text: y'],
  ['**a `b`** c', 'strong:a b|text: c'],
  ['[`f`](x.rs), 1', 'link:f|text:, 1'],
  ['no `end', 'text:no `end'],
  ['', ''],
])('%j is %j', (text, expected) => {
  expect(
    spans(text)
      .map(({ kind, text }) => `${kind}:${text}`)
      .join('|'),
  ).toBe(expected);
});

test.each(['```', '|', '#', '-', '- ', '`', '#x\n|', '```\nx'])('%j ends', (text) => {
  expect(blocks(text).length).toBeLessThan(4);
});

test('the documentation of filters is read whole', () => {
  const text = readFileSync(new URL('../../../../docs/FILTERS.md', import.meta.url), 'utf8');
  const found = blocks(text);
  const kinds = (kind: string) => found.filter((one) => one.kind === kind).length;
  expect([kinds('heading'), kinds('code')]).toEqual([
    text.match(/^#+ .*[a-z]/gm)?.length,
    (text.match(/^```/gm)?.length ?? 0) / 2,
  ]);
  const tables = found.filter((one) => one.kind === 'table');
  for (const { head, rows } of tables) {
    for (const row of rows) expect(row.length, row.map(plain).join(' | ')).toBe(head.length);
  }
  expect(tables.length).toBeGreaterThan(10);
});
