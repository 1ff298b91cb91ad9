// Every text that a person reads or hears stands in src/texts: elsewhere there is none.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'svelte/compiler';
import { expect, test } from 'vitest';

/** What looks like a text and is none: where, how it reads, and why. */
const NO_TEXTS: readonly (readonly [file: RegExp, text: RegExp, why: string])[] = [
  [/./, /^(Enter|Escape|Home|End|Tab|Delete|Backspace|Page(Up|Down)|Arrow(Up|Down|Left|Right))$/, 'a key'],
  [/./, /^(Mod|Ctrl|Shift|Control)[+-]/, 'keys pressed together'],
  [/./, /^(max|min|clamp|var|calc)\(|\dpx solid/, 'CSS'],
  [/./, /^(strong|muted)? ?tone-/, 'classes'],
  [/./, /^((sudo )?dashcam \w+ (-|\{\})|getent )/, 'a command'],
  [/^main/, /has an element/, 'for those who write the program'],
  [/^format\/highlight/, /^(true|async|query)/, 'words of the languages that it highlights'],
  [/^format\/json/, /^first (name|item)$/, 'a state of its parser'],
  [/^format\/media/, /PNG/, 'the first bytes of a file'],
  [/^format\/time/, /^\{\} (µs|ms|min|h)/, 'units'],
  [/^features\/(body|detail)/, /^(json|header)( \{\})?$/, 'a place that can be redacted'],
  [/^features\/list\/HostCell/, /^http:/, 'a scheme'],
  [/^features\/messages\/(mqtt|protocols)/, /./, 'names that protocols give to kinds of messages'],
  [/^features\/timing\/Certificates/, /^(SHA-256|….pem)$/, 'names of a hash and a file'],
  [/^features\/tree\/tree/, /^\{\} more$/, 'a key'],
  [/^stores\/histogram/, /since:/, 'a filter'],
  [/^app\/shortcuts/, /^input, textarea, select$/, 'a selector'],
  [/^ui\/Split/, /max-width/, 'CSS'],
  [/^features\/(dashboard|filter)\//, /(^|[ -])\w+:\S|^orders 404$|^~m /, 'filters'],
  [/^features\/dashboard\/Plot/, /prefers-color-scheme/, 'CSS'],
  [/^features\/filter\//, /^\.rows button$/, 'a selector'],
  [/^features\/(first_run|trust)\//, /^([-{a-z]|[A-Z_]+=).*[^.,:]$/, 'commands'],
  [
    /^features\/(first_run|trust)\//,
    /^(Android|Bun|Deno|Docker|Firefox|Java|Linux|Node\.js|Python|Ruby|Wget|Windows)$/,
    'names of programs and systems',
  ],
  [/^features\/replay\/curl/, /^([A-Z][a-z]+(-[A-Z][a-z]+)?|(Basic|Bearer) \{\}|gzip, .*)$/, 'header fields'],
  [/^features\/rules\/RuleFields/, /^(\d+% by|bounded|client|trace) \S+( \S+)?$/, 'values that a rule can have'],
];

const SRC = import.meta.dirname;

/** Attributes that are read out or shown, and those of our components that become such. */
const READ =
  /^(title|aria-(label|description|roledescription|valuetext)|placeholder|alt|label|note|hint|text|action|summary|heading|empty)$/;

/** Attributes that nobody reads, whatever stands in them. */
const UNREAD =
  /^(class|style|id|href|src|d|viewBox|transform|points|type|role|for|data-.*|testid|key|tone|rel|generics)$/;

/** Words with spaces between them, or a word that begins like a sentence. */
const WORDS =
  /(?<![\p{L}\p{N}.#[\]-])\p{L}{2,}[,.:;!?…]* |[ \n]\p{L}{2,}(?![\p{L}\p{N}(=[\]-])|^\p{Lu}\p{Ll}+(?!\p{L})/u;

/** A text in code; `{}` are values in it. */
interface Found {
  line: number;
  text: string;
}

interface Node {
  type: string;
  start: number;
  [key: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

const children = (node: Node): [string, Node][] =>
  Object.entries(node).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).filter(isNode).map((child): [string, Node] => [key, child]),
  );

/** Tells of a part of the code if strings in it are names, not texts. */
function isName(key: string, child: Node, parent: Node): boolean {
  if (child.type.startsWith('Import') || child.type === 'ExportAllDeclaration') return true;
  if (child.type.startsWith('TS') && !/^TS(As|Satisfies|NonNull)/.test(child.type)) return true;
  if (/^(Style|Class)Directive$/.test(child.type) || key === 'css' || key === 'quasis') return true;
  if (parent.type === 'BinaryExpression') return /^[!=]==?$/.test(parent.operator as string);
  if (parent.type === 'SwitchCase') return key === 'test';
  if (parent.type === 'MemberExpression') return key === 'property';
  return false;
}

/** Tells if whatever has letters is a text: markup, and what chooses between texts there. */
function isMarkup(child: Node, parent: Node, within: boolean): boolean {
  if (parent.type === 'Attribute') return READ.test(parent.name as string);
  if (child.type === 'Text' || child.type === 'ExpressionTag') return true;
  return within && /^(ExpressionTag|(Conditional|Logical)Expression)$/.test(parent.type);
}

/** The texts of a component, or of the script in one. */
function textsOf(source: string): Found[] {
  const found: Found[] = [];
  const add = (node: Node, text: string, markup: boolean) => {
    const read = text.replaceAll(/\s+/g, ' ');
    if (!(markup ? /\p{L}/u : WORDS).test(read)) return;
    found.push({ line: source.slice(0, node.start).split('\n').length, text: read.trim() });
  };
  const walk = (node: Node, markup: boolean): void => {
    // Keys may be names of facts.
    const { type, computed, shorthand, key } = node;
    if (type === 'Property' && computed === false && shorthand === false && (key as Node).type === 'Identifier') {
      add(key as Node, (key as Node).name as string, false);
    }
    if (node.type === 'Text') return add(node, node.data as string, markup);
    if (node.type === 'Literal' && typeof node.value === 'string') return add(node, node.value, markup);
    if (node.type === 'TemplateLiteral') {
      const parts = (node.quasis as Node[]).map((part) => (part.value as { cooked: string }).cooked);
      add(node, parts.join('{}'), markup);
    }
    for (const [key, child] of children(node)) {
      if (isName(key, child, node)) continue;
      if (child.type === 'Attribute' && UNREAD.test(child.name as string)) continue;
      walk(child, isMarkup(child, node, markup));
    }
  };
  walk(parse(source, { modern: true }) as unknown as Node, false);
  return found;
}

const script = (code: string) => `<script lang="ts">${code}</script>`;

/** The texts of the page's code, and where they are. */
function all(): { file: string; line: number; text: string }[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|svelte)$/.test(file) && !file.endsWith('.test.ts'))
    .filter((file) => file !== 'api/schema.ts' && !file.startsWith('texts/'))
    .flatMap((file) => {
      const source = readFileSync(join(SRC, file), 'utf8');
      return textsOf(file.endsWith('.svelte') ? source : script(source)).map((found) => ({ file, ...found }));
    });
}

test('texts stand in src/texts', { timeout: 60_000 }, () => {
  const unused = new Set(NO_TEXTS);
  const stray = all().filter(({ file, text }) => {
    const known = NO_TEXTS.find(([where, reads]) => where.test(file) && reads.test(text));
    if (known !== undefined) unused.delete(known);
    return known === undefined;
  });
  expect(stray.map(({ file, line, text }) => `${file}:${line} ${text}`)).toEqual([]);
  expect([...unused]).toEqual([]);
});

test.each([
  ['<p>Close</p>', ['Close']],
  ['<p>{count} of {all}</p>', ['of']],
  ['<p>{open ? "less" : "more"}</p>', ['less', 'more']],
  ['<button aria-label="close" class="quiet link">×</button>', ['close']],
  ['<Field label="name" lang="en" />', ['name']],
  ['<p title={open ? "hide" : "show"}></p>', ['hide', 'show']],
  ['<Field said={`${size} of all`} tone="bad" />', ['{} of all']],
  ['<p>{texts.noExchanges} ({size})</p>', []],
  [script('const said = "It ended";'), ['It ended']],
  [script('const title = `${size} stored`; type Way = "Up" | "Down";'), ['{} stored']],
  [script('if (key === "Enter") throw new Error("No key.");'), ['No key.']],
  [script('import a from "A"; const at = rows["First one"];'), []],
])('texts of %s', (source, expected) => expect(textsOf(source).map(({ text }) => text)).toEqual(expected));
