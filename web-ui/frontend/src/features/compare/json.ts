// Two JSON texts, compared by structure. Values are compared as they are written, so that large numbers are exact.
import { tokenize, type Token } from '../../format/json';
import { BUDGET_MS, difference } from './diff';
import type { Row } from './rows';
import { isVolatileValue } from './volatile';

type Node =
  | { kind: 'object'; members: [string, Node][]; text: () => string }
  | { kind: 'array'; items: Node[]; text: () => string }
  | { kind: 'value'; text: () => string };

/** The most values that are shown. */
const MOST = 20_000;
/** Deeper ones are compared as texts. */
const DEEPEST = 500;

/**
 * Each value that is in one of the texts, by its path; null if one of them is no JSON. What there was no time for `until`
 * then is compared as a whole.
 */
export function jsonRows(left: string, right: string, until = performance.now() + BUDGET_MS): Row[] | null {
  const [a, b] = [tokenize(left), tokenize(right)];
  if (a === null || b === null || depthOf(a) > DEEPEST || depthOf(b) > DEEPEST) return null;
  const rows: Row[] = [];
  compare('', '', treeOf(a), treeOf(b), { rows, until });
  return rows;
}

function depthOf(tokens: readonly Token[]): number {
  let [depth, deepest] = [0, 0];
  for (const { text } of tokens) {
    if (text === '{' || text === '[') deepest = Math.max(deepest, (depth += 1));
    else if (text === '}' || text === ']') depth -= 1;
  }
  return deepest;
}

function treeOf(tokens: readonly Token[]): Node {
  let at = 0;
  const next = () => tokens[at++]?.text ?? '';
  const node = (): Node => {
    const start = at;
    const first = next();
    const textUpTo = (end: number) => () =>
      tokens
        .slice(start, end)
        .map((token) => token.text)
        .join('');
    if (first === '{') {
      const members: [string, Node][] = [];
      while (tokens[at]?.text !== '}') {
        const name = next();
        next();
        members.push([name, node()]);
        if (tokens[at]?.text === ',') at += 1;
      }
      at += 1;
      return { kind: 'object', members, text: textUpTo(at) };
    }
    if (first === '[') {
      const items: Node[] = [];
      while (tokens[at]?.text !== ']') {
        items.push(node());
        if (tokens[at]?.text === ',') at += 1;
      }
      at += 1;
      return { kind: 'array', items, text: textUpTo(at) };
    }
    return { kind: 'value', text: () => first };
  };
  return node();
}

/** The rows found so far, and until when there is time. */
interface Found {
  rows: Row[];
  until: number;
}

function compare(path: string, name: string, left: Node | null, right: Node | null, found: Found): void {
  if (found.rows.length >= MOST) return;
  if (performance.now() > found.until) return push(path, name, left, right, found);
  if (left?.kind === 'object' && right?.kind === 'object') {
    const others = new Map(right.members);
    const mine = new Map(left.members);
    for (const [key, value] of mine) compare(member(path, key), plain(key), value, others.get(key) ?? null, found);
    for (const [key, value] of others) if (!mine.has(key)) compare(member(path, key), plain(key), null, value, found);
    if (mine.size + others.size === 0) push(path, name, left, right, found);
    return;
  }
  if (left?.kind === 'array' && right?.kind === 'array') {
    for (const [at, one, other] of aligned(left.items, right.items, found.until)) {
      compare(`${path}[${at}]`, name, one, other, found);
    }
    if (left.items.length + right.items.length === 0) push(path, name, left, right, found);
    return;
  }
  push(path, name, left, right, found);
}

function push(path: string, name: string, left: Node | null, right: Node | null, { rows }: Found): void {
  const [one, other] = [left?.text() ?? null, right?.text() ?? null];
  const volatile = one !== null && other !== null && isVolatileValue(name, plain(one), plain(other));
  rows.push({ name: path === '' ? 'value' : path, left: one, right: other, volatile });
}

/** Items beside each other: equal ones, and between them those that took the places of others. */
function aligned(left: readonly Node[], right: readonly Node[], until: number): [number, Node | null, Node | null][] {
  const { runs } = difference(
    left.map(({ text }) => text()),
    right.map(({ text }) => text()),
    undefined,
    until,
  );
  const all: [number, Node | null, Node | null][] = [];
  runs.forEach((run, at) => {
    const before = runs[at - 1];
    if (run.edit === 'same') {
      run.items.forEach((_, i) => all.push([run.left + i, left[run.left + i] ?? null, right[run.right + i] ?? null]));
    } else if (run.edit === 'removed') {
      const taken = runs[at + 1]?.edit === 'added' ? (runs[at + 1]?.items.length ?? 0) : 0;
      run.items.forEach((_, i) => {
        all.push([run.left + i, left[run.left + i] ?? null, i < taken ? (right[run.right + i] ?? null) : null]);
      });
    } else {
      const used = before?.edit === 'removed' ? before.items.length : 0;
      run.items.forEach((_, i) => {
        if (i >= used) all.push([run.right + i, null, right[run.right + i] ?? null]);
      });
    }
  });
  return all;
}

/** A string without its quotes. */
const plain = (text: string) => (text.startsWith('"') ? text.slice(1, -1) : text);

const member = (path: string, key: string) => {
  const name = plain(key);
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `${path}[${key}]`;
  return path === '' ? name : `${path}.${name}`;
};
