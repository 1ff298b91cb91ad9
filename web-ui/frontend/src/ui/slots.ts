// Which elements show which rows: those of rows that leave are given to rows that come, so that a list that moves fast
// makes no new ones.

/** An element that shows the row `key`. */
export interface Slot {
  id: number;
  key: number;
}

/** The slots for `keys`, in their order. A key that was shown keeps its slot; others get those that are free, or new ones. */
export function assign(before: readonly Slot[], keys: readonly number[]): Slot[] {
  const shown = new Map(before.map((slot) => [slot.key, slot.id]));
  const wanted = new Set(keys);
  const free = before.filter(({ key }) => !wanted.has(key)).map(({ id }) => id);
  let next = before.reduce((most, { id }) => Math.max(most, id + 1), 0);
  return keys.map((key) => ({ key, id: shown.get(key) ?? free.pop() ?? next++ }));
}
