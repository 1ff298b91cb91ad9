// Numbers as a filter names them.

/** The filter for exchanges with these numbers: "id:3..5,9". */
export function idFilter(ids: Iterable<number>): string {
  const sorted = [...ids].sort((one, other) => one - other);
  const ranges: [number, number][] = [];
  for (const id of sorted) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] + 1 === id) last[1] = id;
    else ranges.push([id, id]);
  }
  return `id:${ranges.map(([from, until]) => (from === until ? from : `${from}..${until}`)).join(',')}`;
}
