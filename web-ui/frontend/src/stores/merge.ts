// Lists as data: numbers are kept newest first, each once, whatever order news come in.
import type { Summary } from '../api/types';

/** How far an exchange has come: 0 sent, 1 answered, 2 over. News never take it back. */
export function progress(row: Summary): number {
  if (row.state !== 'open') return 2;
  return row.status == null ? 0 : 1;
}

/** The one of two states of the same exchange that is the later one. News from the live stream know of no pins and tags. */
export function later(known: Summary, news: Summary): Summary {
  if (progress(news) < progress(known)) return known;
  const { pinned, tags } = known;
  return news.pinned === pinned && tags.length === 0 ? news : { ...news, pinned, tags };
}

/**
 * `ids` with `news` put in. News older than the last one are left out if `hasMore`: they belong to pages that are
 * not loaded yet. The same list comes back where nothing is new.
 */
export function merge(ids: readonly number[], news: readonly number[], hasMore: boolean): readonly number[] {
  const oldest = ids.at(-1) ?? 0;
  const isNew = (id: number) => indexOf(ids, id) < 0 && !(hasMore && id < oldest);
  const added = [...new Set(news.filter(isNew))].sort(newestFirst);
  if (added.length === 0) return ids;
  // The ordinary case: everything new is newer than what is there.
  if ((added.at(-1) ?? 0) > (ids[0] ?? 0)) return [...added, ...ids];
  return [...added, ...ids].sort(newestFirst);
}

/**
 * The list after fetching its newest part again. What was fetched is the truth from its last number up: what the
 * answer lacks is gone. Older ones stay only if the answer reaches down to them, else there would be a hole.
 */
export function refresh(ids: readonly number[], fetched: readonly number[], hasMore: boolean): number[] {
  const floor = fetched.at(-1) ?? 0;
  const touches = hasMore && ids.some((id) => id >= floor);
  return touches ? [...fetched, ...ids.filter((id) => id < floor)] : [...fetched];
}

/** Where `id` stands in `ids` (newest first), or -1. */
export function indexOf(ids: readonly number[], id: number): number {
  let low = 0;
  let high = ids.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const at = ids[middle] ?? 0;
    if (at === id) return middle;
    if (at > id) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

const newestFirst = (a: number, b: number) => b - a;
