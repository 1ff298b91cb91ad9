// Outlines of the page: what a screen reader finds in it, by roles and names, as files that can be read.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, type Locator } from '@playwright/test';

const FOLDER = fileURLToPath(new URL('outlines', import.meta.url));
/** Of these a list has the first one: the others are like it. */
const REPEATED = /^- '?(row|listitem|option|treeitem|term|definition)\b/;

/** Expects the outline of `part` to be the one that is kept; with `UPDATE=1` keeps it. */
export async function hasOutline(part: Locator, name: string): Promise<void> {
  const file = `${FOLDER}/${name.replaceAll(' ', '-').toLowerCase()}.yml`;
  if (process.env.UPDATE === '1') {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(file, `${shortened(await settled(part))}\n`);
  }
  await expect(part).toMatchAriaSnapshot(readFileSync(file, 'utf8'));
}

/** The outline once it stays as it is for a second. */
async function settled(part: Locator): Promise<string> {
  const now = await part.ariaSnapshot();
  await part.page().waitForTimeout(1000);
  return now === (await part.ariaSnapshot()) ? now : settled(part);
}

/** An outline as the page gives it, strict, and of what repeats itself the first ones. */
function shortened(outline: string): string {
  const lines = outline.split('\n').map(timeless);
  return ['- /children: deep-equal', ...children(lines, 0)].join('\n');
}

/** A text with a moment of the run itself, which is another one each time, as a pattern; any other line as it is. */
function timeless(line: string): string {
  const today = new Date().toISOString().slice(0, 10);
  if (!line.includes(today)) return line;
  const [, head, quoted, plain] = /^( *- (?:text|definition): )(?:"(.*)"|([^"'].*))$/.exec(line) ?? [];
  const text = quoted ?? plain;
  if (head === undefined || text === undefined) throw new Error(`another one tomorrow: ${line.trim()}`);
  const pattern = text
    .replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
    .replace(/\d{4}-\d\d-\d\d [\d:\\.]+/g, '[-\\d]+ [:.\\d]+');
  return `${head}'/${pattern.replaceAll("'", "''")}/'`;
}

const indentOf = (line: string) => line.length - line.trimStart().length;

/** The children at an indentation: all of them, or where one repeats itself the first ones. */
function children(lines: readonly string[], indent: number): string[] {
  const blocks: string[][] = [];
  for (const line of lines) {
    if (indentOf(line) === indent && line.trimStart().startsWith('- ')) blocks.push([line]);
    else blocks.at(-1)?.push(line);
  }
  const seen = new Set<string>();
  const kept = blocks.filter(([head = '']) => {
    const [, role] = REPEATED.exec(head.trimStart()) ?? [];
    if (role === undefined) return true;
    const isFirst = !seen.has(role);
    seen.add(role);
    return isFirst;
  });
  const inner = kept.flatMap(([head = '', ...rest]) => [head, ...children(rest, indent + 2)]);
  return kept.length === blocks.length ? inner : [`${' '.repeat(indent)}- /children: contain`, ...inner];
}
