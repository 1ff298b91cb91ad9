// The build writes texts into components.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { withTexts } from '../inline_texts';
import * as actions from './texts/actions';

const FILE = join(import.meta.dirname, 'Any.svelte');

const built = (markup: string) =>
  withTexts(`<script>import * as actions from './texts/actions';</script>${markup}`, FILE).replace(/^.*<\/script>/, '');

test.each([
  ['<p>{actions.close}</p>', `<p>${actions.close}</p>`],
  ['<p>{actions.close} {name}</p>', `<p>${actions.close} {name}</p>`],
  ['<p title={actions.close}></p>', `<p title="${actions.close}"></p>`],
  ['<p title="{actions.close} ({key})"></p>', `<p title="${actions.close} ({key})"></p>`],
  ['<p>{open ? actions.close : actions.edit}</p>', `<p>{open ? "${actions.close}" : "${actions.edit}"}</p>`],
  ['<p>{actions.closeBy(key)}</p>', '<p>{`Close (${key})`}</p>'],
  ['<p title={actions.closeBy(open ? actions.edit : key)}></p>', '<p title={`Close (${open ? "Edit" : key})`}></p>'],
  // Nothing is lost where it stays a function.
  ['<p>{actions.closeBy(...keys)}</p>', '<p>{actions.closeBy(...keys)}</p>'],
  ['<p title={actions.closeBy}></p>', '<p title={actions.closeBy}></p>'],
  ['<p>{others.close}</p>', '<p>{others.close}</p>'],
])('%s is built as %s', (markup, expected) => expect(built(markup)).toBe(expected));

test('code is built with the texts that it names', () => {
  const code =
    "import * as actions from './texts/actions';\nexport const titles = [actions.close, actions.closeBy(key)];\n";
  const written = code.replace('actions.close,', '"Close",').replace('actions.closeBy(key)', '`Close (${key})`');
  expect(withTexts(code, FILE.replace('.svelte', '.ts'))).toBe(written);
});

const folder = mkdtempSync(join(tmpdir(), 'texts-'));
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'texts'));
writeFileSync(
  join(folder, 'texts', 'some.ts'),
  `export const signs = 'a & b < "c" {d}';
export const ended = 'more: ';
export const spaced = 'a  b';
export const lines = 'a\\nb';
export const counted = (n) => {
  const inner = 'one';
  return n === 1 ? inner : 'many';
};`,
);

test.each([
  ['<p>{some.signs}</p>', '<p>a &#38; b &#60; &#34;c&#34; &#123;d&#125;</p>'],
  ['<p title={some.signs}></p>', '<p title="a &#38; b &#60; &#34;c&#34; &#123;d&#125;"></p>'],
  ['<p>{open ? some.signs : 1}</p>', '<p>{open ? "a & b < \\"c\\" {d}" : 1}</p>'],
  // Spaces stay as they are.
  ['<p>{some.ended}{n}</p>', '<p>{"more: "}{n}</p>'],
  ['<p>{some.spaced}</p>', '<p>{"a  b"}</p>'],
  ['<p>{some.lines}</p>', '<p>{"a\\nb"}</p>'],
  // A function's own names are no texts of the module.
  ['<p>{some.inner}</p>', '<p>{some.inner}</p>'],
])('signs and spaces: %s is built as %s', (markup, expected) => {
  const script = "<script>import * as some from './texts/some';</script>";
  expect(withTexts(script + markup, join(folder, 'Any.svelte'))).toBe(script + expected);
});
