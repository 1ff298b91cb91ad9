// Two texts by lines, those far from a difference left out; and two values by words.
import { BUDGET_MS, difference, type Edit } from './diff';

/** A line, with the numbers that it has in both texts. */
export interface Line {
  edit: Edit;
  text: string;
  left: number | null;
  right: number | null;
  /** The line in whose place this one stands, or that stands in its place. */
  other: string | null;
}

/** Lines that are the same in both texts, and are not shown. */
export interface Left {
  count: number;
}

/** Same lines around a difference. */
const CONTEXT = 3;
/** The longest line of which words are compared, and the most words. */
const LONGEST = 2000;

/** All lines of both texts; false behind them if the texts differ too much. */
export function lineDiff(left: string, right: string): { lines: Line[]; exact: boolean } {
  const { runs, exact } = difference(linesOf(left), linesOf(right));
  const lines = runs.flatMap(({ edit, items, left, right }, at) => {
    const beside = edit === 'removed' ? runs[at + 1] : edit === 'added' ? runs[at - 1] : undefined;
    const isPair = beside !== undefined && beside.edit !== 'same' && beside.items.length === items.length;
    return items.map((text, i): Line => ({
      edit,
      text,
      left: edit === 'added' ? null : left + i + 1,
      right: edit === 'removed' ? null : right + i + 1,
      other: isPair ? (beside.items[i] ?? null) : null,
    }));
  });
  return { lines, exact };
}

const linesOf = (text: string) => (text === '' ? [] : text.split('\n'));

/** The lines near differences, and how many were left out between. */
export function near(lines: readonly Line[], context = CONTEXT): (Line | Left)[] {
  const kept = lines.map(() => false);
  lines.forEach(({ edit }, at) => {
    if (edit !== 'same') kept.fill(true, Math.max(0, at - context), at + context + 1);
  });
  const all: (Line | Left)[] = [];
  lines.forEach((line, at) => {
    const last = all.at(-1);
    if (kept[at] === true) all.push(line);
    else if (last !== undefined && 'count' in last) last.count += 1;
    else all.push({ count: 1 });
  });
  return all;
}

/** A part of a value, and whether the other value has it too. */
export interface Part {
  text: string;
  differs: boolean;
}

const WORD = /~[a-z]+\.[a-z0-9.-]+~|[\p{L}\p{N}_]+|\s+|./gsu;

/** The parts of `text` that `other` has, and those that it has not; without time `until` then, all of it differs. */
export function parts(text: string, other: string, until = performance.now() + BUDGET_MS): Part[] {
  if (performance.now() > until) return [{ text, differs: true }];
  if (text.length > LONGEST || other.length > LONGEST) return [{ text, differs: true }];
  const { runs } = difference(text.match(WORD) ?? [], other.match(WORD) ?? [], 400, until);
  const own = runs.filter(({ edit }) => edit !== 'added');
  const shared = own.filter(({ edit }) => edit === 'same').reduce((sum, { items }) => sum + items.join('').length, 0);
  // Single characters that two values happen to share say nothing.
  if (shared * 3 < text.length) return [{ text, differs: true }];
  return own.map(({ edit, items }) => ({ text: items.join(''), differs: edit !== 'same' }));
}
