// The list as data: rows are kept newest first, without duplicates, whatever order news come in.
import type { Summary } from '../api/types';

/** How far an exchange has come: 0 sent, 1 answered, 2 over. News never take a row back. */
export function progress(row: Summary): number {
  if (row.state !== 'open') return 2;
  return row.status == null ? 0 : 1;
}

/** The one of two states of the same exchange that is the later one. News from the live stream know of no pins. */
export function later(known: Summary, news: Summary): Summary {
  if (progress(news) < progress(known)) return known;
  return news.pinned === known.pinned ? news : { ...news, pinned: known.pinned };
}

/**
 * `rows` with `news` put in. News of exchanges older than the last row are left out if `hasMore`:
 * they belong to pages that are not loaded yet.
 */
export function merge(rows: readonly Summary[], news: readonly Summary[], hasMore: boolean): Summary[] {
  const oldest = rows.at(-1)?.id ?? 0;
  const byId = new Map<number, Summary>();
  for (const item of news) {
    if (hasMore && item.id < oldest) continue;
    const before = byId.get(item.id);
    byId.set(item.id, before === undefined ? item : later(before, item));
  }
  const merged = rows.map((row) => {
    const item = byId.get(row.id);
    if (item === undefined) return row;
    byId.delete(row.id);
    return later(row, item);
  });
  if (byId.size === 0) return merged;
  const newest = rows[0]?.id ?? 0;
  const added = [...byId.values()].sort((a, b) => b.id - a.id);
  // The ordinary case: everything new is newer than what is there.
  if ((added.at(-1)?.id ?? 0) > newest) return [...added, ...merged];
  return [...added, ...merged].sort((a, b) => b.id - a.id);
}

/**
 * The list after fetching its newest part again. What was fetched is the truth from its last row up: rows that
 * the answer lacks are gone. Older rows stay only if the answer reaches down to them, else there would be a hole.
 */
export function refresh(rows: readonly Summary[], fetched: readonly Summary[], hasMore: boolean): Summary[] {
  const known = new Map(rows.map((row) => [row.id, row]));
  const updated = fetched.map((row) => ({ ...later(known.get(row.id) ?? row, row), pinned: row.pinned }));
  const floor = fetched.at(-1)?.id ?? 0;
  const touches = hasMore && rows.some((row) => row.id >= floor);
  return touches ? [...updated, ...rows.filter((row) => row.id < floor)] : updated;
}

/** Where `id` stands in `rows` (newest first), or -1. */
export function indexOf(rows: readonly Summary[], id: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const at = rows[middle]?.id ?? 0;
    if (at === id) return middle;
    if (at > id) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
