// The shortest way from one list to another, after Myers ("An O(ND) difference algorithm and its variations"), bounded in
// differences and in time.

export type Edit = 'same' | 'removed' | 'added';

/** Items, one behind the other, with which the same happens. `left` and `right` are where they begin. */
export interface Run {
  edit: Edit;
  items: readonly string[];
  left: number;
  right: number;
}

export interface Difference {
  runs: Run[];
  /** False if the lists differ so much that what is between their ends was not compared. */
  exact: boolean;
}

/** The most differences that are looked for. */
const MOST = 2000;
/** How long a comparison may take, all of it; and then the look into the values that are drawn. */
export const BUDGET_MS = 400;
export const VALUES_MS = 200;

/** The lines to remove from `left`, and to add, to get `right`; found by `until`, a time of `performance.now()`. */
export function difference(
  left: readonly string[],
  right: readonly string[],
  most = MOST,
  until = performance.now() + BUDGET_MS,
): Difference {
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start += 1;
  let end = 0;
  const room = Math.min(left.length, right.length) - start;
  while (end < room && left[left.length - 1 - end] === right[right.length - 1 - end]) end += 1;
  const [a, b] = [left.slice(start, left.length - end), right.slice(start, right.length - end)];
  const found = edits(a, b, most, until);
  const middle = found ?? [...a.map(() => 'removed' as const), ...b.map(() => 'added' as const)];
  const all = [...repeat('same', start), ...middle, ...repeat('same', end)];
  return { runs: runs(all, left, right), exact: found !== null };
}

const repeat = (edit: Edit, times: number): Edit[] => Array.from({ length: times }, () => edit);

/** One edit for each item; null if there are too many differences. */
function edits(a: readonly string[], b: readonly string[], most: number, until: number): Edit[] | null {
  const reach = Math.min(a.length + b.length, most);
  // How far each diagonal goes, after each number of differences.
  const trace: Int32Array[] = [];
  let far = new Int32Array(2 * reach + 3);
  const at = (k: number) => k + reach + 1;
  for (let d = 0; d <= reach; d += 1) {
    if (d % 64 === 63 && performance.now() > until) return null;
    trace.push(far.slice(at(-d) - 1, at(d) + 2));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && far[at(k - 1)]! < far[at(k + 1)]!);
      let x = down ? far[at(k + 1)]! : far[at(k - 1)]! + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      far[at(k)] = x;
      if (x >= a.length && x - k >= b.length) return back(trace, a.length, b.length);
    }
    far = far.slice();
  }
  return null;
}

/** The edits in order, found from the end on. */
function back(trace: readonly Int32Array[], length: number, other: number): Edit[] {
  const all: Edit[] = [];
  let [x, y] = [length, other];
  for (let d = trace.length - 1; d >= 0; d -= 1) {
    const far = trace[d]!;
    const get = (k: number) => far[k + d + 1]!;
    const k = x - y;
    const down = k === -d || (k !== d && get(k - 1) < get(k + 1));
    const before = down ? k + 1 : k - 1;
    const [fromX, fromY] = d === 0 ? [0, 0] : [get(before), get(before) - before];
    while (x > fromX && y > fromY) {
      all.push('same');
      x -= 1;
      y -= 1;
    }
    if (d === 0) break;
    all.push(down ? 'added' : 'removed');
    [x, y] = [fromX, fromY];
  }
  return all.reverse();
}

function runs(edits: readonly Edit[], left: readonly string[], right: readonly string[]): Run[] {
  const all: { edit: Edit; items: string[]; left: number; right: number }[] = [];
  let [x, y] = [0, 0];
  for (const edit of edits) {
    const item = (edit === 'added' ? right[y] : left[x]) ?? '';
    const last = all.at(-1);
    if (last?.edit === edit) last.items.push(item);
    else all.push({ edit, items: [item], left: x, right: y });
    if (edit !== 'added') x += 1;
    if (edit !== 'removed') y += 1;
  }
  return all;
}
