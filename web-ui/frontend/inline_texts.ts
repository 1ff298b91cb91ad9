// The built page has its texts in the markup of its components, as if they had been written there.
//
// To the compiler, which sees one component at a time, `{texts.close}` is a value that may change: it would be set from a
// script, and watched. Written into the markup it costs nothing, and a text with values in it no function.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'svelte/compiler';
import type { Plugin } from 'vite';

interface Node {
  type: string;
  start: number;
  end: number;
  [key: string]: unknown;
}

/** Text in place of a part of a component. */
interface Edit {
  start: number;
  end: number;
  text: string;
}

/** The parts of a text that stand before, between and behind its values, as they are written in a template. */
type Parts = readonly string[];

/** The texts of a module, by name: `export const name = '…'`, and ``export const name = (value) => `…${value}…` ``. */
type Texts = ReadonlyMap<string, string | Parts>;

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

const children = (node: Node) => Object.values(node).flat().filter(isNode);

const parsed = (source: string) => parse(source, { modern: true }) as unknown as Node;

/** Every node of a kind below another. */
function* nodesOf(node: Node, type: string): Generator<Node> {
  if (node.type === type) yield node;
  for (const child of children(node)) yield* nodesOf(child, type);
}

/** The parts of a function's text, if it has each of its values once, in their order, and nothing else. */
function partsOf({ type, params, body }: Node): Parts | undefined {
  if (type !== 'ArrowFunctionExpression' || (body as Node).type !== 'TemplateLiteral') return undefined;
  const { expressions, quasis } = body as { expressions: Node[]; quasis: { value: { raw: string } }[] };
  const isSame = (value: Node, at: number) =>
    value.type === 'Identifier' && value.name === (params as Node[])[at]?.name;
  const isPlain = expressions.length === (params as Node[]).length && expressions.every(isSame);
  return isPlain ? quasis.map(({ value }) => value.raw) : undefined;
}

/** The texts of a module, as far as they can be written elsewhere. */
function textsOf(file: string): Texts {
  const texts = new Map<string, string | Parts>();
  const module = parsed(`<script lang="ts">${readFileSync(file, 'utf8')}</script>`);
  for (const exported of nodesOf(module, 'ExportNamedDeclaration')) {
    const { declarations = [] } = (exported.declaration ?? {}) as { declarations?: { id: Node; init: Node }[] };
    for (const { id, init } of declarations) {
      const text = init.type === 'Literal' && typeof init.value === 'string' ? init.value : partsOf(init);
      if (text !== undefined) texts.set(id.name as string, text);
    }
  }
  return texts;
}

/** The modules of texts that a component imports, by the names that it gives them. */
function importedBy(component: Node, file: string): Map<string, Texts> {
  const modules = new Map<string, Texts>();
  for (const { source, specifiers } of nodesOf(component, 'ImportDeclaration')) {
    const [only] = specifiers as Node[];
    const path = (source as Node).value as string;
    if (only?.type !== 'ImportNamespaceSpecifier' || !/^\.[./]*\/texts\/\w+$/.test(path)) continue;
    modules.set((only.local as Node).name as string, textsOf(`${resolve(dirname(file), path)}.ts`));
  }
  return modules;
}

const escaped = (text: string) => text.replaceAll(/[&<>"{}]/g, (character) => `&#${character.charCodeAt(0)};`);

/** The text that a part of a component names. */
type TextOf = (node: Node) => string | Parts | undefined;

/** Puts a call's arguments into the text that it names. */
function callEdits({ start, end, callee, arguments: values }: Node, textOf: TextOf): Edit[] | undefined {
  const [parts, given] = [textOf(callee as Node), values as Node[]];
  if (given.some(({ type }) => type === 'SpreadElement')) return undefined;
  if (parts === undefined || typeof parts === 'string' || parts.length !== given.length + 1) return undefined;
  const at = [start, ...given.flatMap((value) => [value.start, value.end]), end];
  const around = parts.map((part, index): Edit => {
    const [open, close] = [index === 0 ? '`' : '}', index === given.length ? '`' : '${'];
    return { start: at[2 * index] ?? end, end: at[2 * index + 1] ?? end, text: `${open}${part}${close}` };
  });
  return [...around, ...given.flatMap((value) => edits(value, textOf))];
}

/** Puts the texts that a component names into their places in it. */
function edits(node: Node, textOf: TextOf): Edit[] {
  const tag = node.type === 'Attribute' && isNode(node.value) ? node.value : node;
  const text = tag.type === 'ExpressionTag' ? textOf(tag.expression as Node) : undefined;
  // Spaces at the ends of a text would be trimmed, and several in a row would become one.
  if (typeof text === 'string' && text === text.trim() && !/\s\s|[^\S ]/.test(text)) {
    return [{ start: tag.start, end: tag.end, text: tag === node ? escaped(text) : `"${escaped(text)}"` }];
  }
  const called = node.type === 'CallExpression' ? callEdits(node, textOf) : undefined;
  if (called !== undefined) return called;
  const value = textOf(node);
  if (typeof value === 'string') return [{ start: node.start, end: node.end, text: JSON.stringify(value) }];
  return children(node).flatMap((child) => edits(child, textOf));
}

/** A component, or other code, with its texts in it. */
export function withTexts(source: string, file: string): string {
  if (!/\/texts\/\w+'/.test(source)) return source;
  // A parser of components reads scripts in them.
  const [open, close] = file.endsWith('.svelte') ? ['', ''] : ['<script lang="ts">', '</script>'];
  const component = parsed(open + source + close);
  const modules = importedBy(component, file);
  const textOf = ({ type, computed, object, property }: Node) =>
    type === 'MemberExpression' && computed === false
      ? modules.get((object as Node).name as string)?.get((property as Node).name as string)
      : undefined;
  const filled = edits(component, textOf)
    .sort((a, b) => b.start - a.start)
    .reduce((code, { start, end, text }) => code.slice(0, start) + text + code.slice(end), open + source + close);
  return filled.slice(open.length, filled.length - close.length);
}

/** Writes the texts of `src/texts` into the components that name them, and into other code, when the page is built. */
export function inlineTexts(): Plugin {
  return {
    name: 'inline-texts',
    apply: 'build',
    enforce: 'pre',
    transform: {
      filter: { id: { include: /\/src\/.*\.(svelte|ts)$/, exclude: /\/src\/(texts|api\/schema)/ } },
      handler: (source, file) => ({ code: withTexts(source, file), map: null }),
    },
  };
}
