// The histogram while exchanges come: of what was counted before only the end is counted again.
import type { Histogram } from '../api/types';
import { Figure, type Fetch } from './figure.svelte';

/** Counts again what matches `filter`, in buckets as wide as `everyUs` says if it is given. */
export type CountAgain = (filter: string, signal: AbortSignal, everyUs?: number) => Promise<Histogram>;

/** All is counted again so often: exchanges before the end come further, are deleted elsewhere, and run out of the bounds. */
const WHOLE_MS = 60_000;
/** With more buckets than these they are to be wider. */
const MOST_BUCKETS = 100;
/** So many buckets at the end are counted again. */
const AGAIN = 2;

/** A way to count of which `forget` has all counted again the next time. */
type Counting = Fetch<Histogram> & { forget: () => void };

/** The exchanges over time. */
export class OverTime extends Figure<Histogram> {
  readonly #counting: Counting;

  constructor(count: CountAgain) {
    const counting = endOnly(count);
    super(counting);
    this.#counting = counting;
  }

  /** Counts all again: exchanges before the end were deleted, or changed. */
  recount(): void {
    this.#counting.forget();
    void this.refetch();
  }
}

/** Counts as `count` does, and less of it where the answer before it still holds. */
export function endOnly(count: CountAgain): Counting {
  let before: { filter: string; whole: number; answer: Histogram } | null = null;
  const counting: Fetch<Histogram> = async (filter, signal) => {
    const known = before;
    if (known?.filter === filter && performance.now() - known.whole < WHOLE_MS) {
      const answer = await withEnd(known.answer, (from, everyUs) => count(since(filter, from), signal, everyUs));
      if (answer !== null) {
        before = { ...known, answer };
        return answer;
      }
    }
    const answer = await count(filter, signal);
    before = { filter, whole: performance.now(), answer };
    return answer;
  };
  return Object.assign(counting, { forget: () => (before = null) });
}

/** `before` with its last buckets, and those after them, counted again; null if all has to be. */
async function withEnd(
  before: Histogram,
  count: (from: string, everyUs: number) => Promise<Histogram>,
): Promise<Histogram | null> {
  const { buckets, every_us: everyUs, covered } = before;
  const first = buckets.at(-AGAIN);
  if (first === undefined || buckets.length < 2 * AGAIN || !covered.complete) return null;
  const end = await count(first.from, everyUs);
  if (!end.covered.complete || (end.buckets.length > 0 && end.every_us !== everyUs)) return null;
  // Without exchanges there the buckets before it are all there is.
  const next = Date.parse(end.buckets[0]?.from ?? first.from);
  const kept = buckets.filter(({ from }) => Date.parse(from) < next);
  const all = [...kept, ...end.buckets];
  if (all.length > MOST_BUCKETS || !isWhole(all, everyUs)) return null;
  const exchanges = all.reduce((sum, bucket) => sum + bucket.count, 0);
  const looked = { exchanges, estimate: exchanges, looked_at: Math.max(covered.looked_at, exchanges) };
  return { buckets: all, every_us: everyUs, covered: { ...withGaps(covered, end.covered), ...looked } };
}

/** The coverage of both: a gap that is in the end may have been there before, and have grown since. */
function withGaps(before: Histogram['covered'], end: Histogram['covered']): Histogram['covered'] {
  const inEnd = new Set(end.gaps.map(({ from }) => from));
  const gaps = [...end.gaps, ...before.gaps.filter(({ from }) => !inEnd.has(from))];
  const dropped = Math.max(
    before.dropped,
    gaps.reduce((sum, { exchanges }) => sum + exchanges, 0),
  );
  return { ...end, from: before.from, gaps, dropped };
}

/** Tells if there are no holes. */
function isWhole(buckets: Histogram['buckets'], everyUs: number): boolean {
  const [first, last] = [buckets[0], buckets.at(-1)];
  if (first === undefined || last === undefined) return false;
  return Date.parse(last.from) - Date.parse(first.from) === ((buckets.length - 1) * everyUs) / 1000;
}

function since(filter: string, from: string): string {
  return filter === '' ? `since:${from}` : `(${filter}) since:${from}`;
}
