// The place of the reader among all exchanges, as a part of the way from the newest to the oldest, and back.
import type { Ends } from '../../api/types';
import type { Sight } from '../../ui/grid';

/** The loaded part of a list. */
export interface Loaded {
  ids: readonly number[];
  hasNewer: boolean;
  hasMore: boolean;
}

/** The part in sight, from 0 (the newest) to 1 (the oldest), by the numbers of exchanges. */
export function placeOf({ ids, hasNewer, hasMore }: Loaded, ends: Ends | null, sight: Sight): [number, number] {
  const [top, last] = [ids[Math.floor(sight.top)], ids[Math.ceil(sight.bottom) - 1]];
  if (ends === null || top === undefined || last === undefined) return [0, 1];
  const all = ends.last - ends.first + 1;
  const from = !hasNewer && sight.top === 0 ? 0 : (ends.last - top) / all;
  const until = !hasMore && sight.bottom >= ids.length ? 1 : (ends.last - last + 1) / all;
  return [clamped(from), Math.max(clamped(from), clamped(until))];
}

/** The number of the exchange at the top if the reader is at `place` of the way that there is. */
export function numberAt(place: number, ends: Ends, [from, until]: [number, number]): number {
  const way = Math.max(0, 1 - (until - from));
  return Math.round(ends.last - place * way * (ends.last - ends.first + 1));
}

/** The index of the first row with a number up to `id`, if it is known which one that is; else -1. */
export function indexBelow({ ids, hasNewer, hasMore }: Loaded, id: number): number {
  const [newest, oldest] = [ids[0], ids.at(-1)];
  if (newest === undefined || oldest === undefined) return -1;
  if ((id > newest && hasNewer) || (id < oldest && hasMore)) return -1;
  let [low, high] = [0, ids.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ids[middle] ?? 0) <= id) high = middle;
    else low = middle + 1;
  }
  return low;
}

const clamped = (part: number) => Math.min(1, Math.max(0, part));
