// The built page has its texts in the markup of its components, as if they had been written there.
//
// To the compiler, which sees one component at a time, `{texts.close}` is a value that may change: it would be set from a
// script, and watched. Written into the markup it costs nothing.
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

/** The value of `export const name = '…'`, by name. */
type Texts = ReadonlyMap<string, string>;

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

const children = (node: Node) => Object.values(node).flat().filter(isNode);

const parsed = (source: string) => parse(source, { modern: true }) as unknown as Node;

/** Every node of a kind below another. */
function* nodesOf(node: Node, type: string): Generator<Node> {
  if (node.type === type) yield node;
  for (const child of children(node)) yield* nodesOf(child, type);
}

/** The texts of a module that have no values in them. */
function constantsOf(file: string): Texts {
  const texts = new Map<string, string>();
  for (const exported of nodesOf(
    parsed(`<script lang="ts">${readFileSync(file, 'utf8')}</script>`),
    'ExportNamedDeclaration',
  )) {
    for (const { id, init } of [...nodesOf(exported, 'VariableDeclarator')] as unknown as { id: Node; init: Node }[]) {
      if (init.type === 'Literal' && typeof init.value === 'string') texts.set(id.name as string, init.value);
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
    modules.set((only.local as Node).name as string, constantsOf(`${resolve(dirname(file), path)}.ts`));
  }
  return modules;
}

const escaped = (text: string) => text.replaceAll(/[&<>"{}]/g, (character) => `&#${character.charCodeAt(0)};`);

/** Puts the texts that a component names into their places in it. */
function edits(node: Node, textOf: (node: Node) => string | undefined): Edit[] {
  const tag = node.type === 'Attribute' && isNode(node.value) ? node.value : node;
  const text = tag.type === 'ExpressionTag' ? textOf(tag.expression as Node) : undefined;
  // Spaces at the ends of a text would be trimmed.
  if (text !== undefined && text === text.trim()) {
    return [{ start: tag.start, end: tag.end, text: tag === node ? escaped(text) : `"${escaped(text)}"` }];
  }
  const value = textOf(node);
  if (value !== undefined) return [{ start: node.start, end: node.end, text: JSON.stringify(value) }];
  return children(node).flatMap((child) => edits(child, textOf));
}

/** A component with its texts in it. */
export function withTexts(source: string, file: string): string {
  const component = parsed(source);
  const modules = importedBy(component, file);
  const textOf = ({ type, computed, object, property }: Node) =>
    type === 'MemberExpression' && computed === false
      ? modules.get((object as Node).name as string)?.get((property as Node).name as string)
      : undefined;
  return edits(component, textOf)
    .sort((a, b) => b.start - a.start)
    .reduce((code, { start, end, text }) => `${code.slice(0, start)}${text}${code.slice(end)}`, source);
}

/** Writes the texts of `src/texts` into the components that name them, when the page is built. */
export function inlineTexts(): Plugin {
  return {
    name: 'inline-texts',
    apply: 'build',
    enforce: 'pre',
    transform: {
      filter: { id: /\.svelte$/ },
      handler: (source, file) => ({ code: withTexts(source, file), map: null }),
    },
  };
}
