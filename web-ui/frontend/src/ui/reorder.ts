// Putting the entries of a list in another order.

/** `items` with the one at `from` at `to`. */
export function reordered<Item>(items: readonly Item[], from: number, to: number): Item[] {
  const rest = items.filter((_, index) => index !== from);
  return [...rest.slice(0, to), ...items.slice(from, from + 1), ...rest.slice(to)];
}

/** The index at which an entry that is dragged to `y` comes to stand among others, whose middles are `middles`. */
export function dropIndex(middles: readonly number[], y: number): number {
  return middles.filter((middle) => middle < y).length;
}
