// Rows of connections in a list that is sorted: each stands where its own value says.
import type { Order, SortBy } from '../api/types';
import type { ListRow } from './list_row';

type Value = number | string | null;

const time = (row: ListRow) => Date.parse(row.started_at);
/** A text; none if it is empty. */
const text = (value: string | null | undefined): Value => (value == null || value === '' ? null : value);

/** The values of rows. Connections have other numbers than exchanges: by those the time tells. */
const VALUES: Record<SortBy, (row: ListRow) => Value> = {
  id: time,
  started_at: time,
  method: (row) => text(row.method),
  host: (row) => text(row.host),
  path: (row) => text(row.target),
  status: (row) => row.status ?? null,
  type: (row) => text(row.content_type),
  request_size: (row) => row.request_size,
  response_size: (row) => row.response_size,
  duration: (row) => row.duration_us ?? null,
  client: (row) => text(row.client),
  program: (row) => text(row.program),
  rule: (row) => text(row.rule),
  tags: (row) => text(row.tags.join(' ')),
  grpc_status: (row) => row.grpc_status ?? null,
};

/** A row with what decides about its place. */
interface Placed {
  id: number;
  value: Value;
  at: number;
}

/** Compares as dashcam does: those without the value come last either way, and of those with the same one the newest first. */
function compared(one: Placed, other: Placed, order: Order['order']): number {
  const [a, b] = [one.value, other.value];
  if (a === b) return other.at - one.at;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b === (order === 'asc') ? -1 : 1;
}

/**
 * The numbers of `exchanges`, which are the first ones of an order, with those of `connections` between them. Without the
 * `whole` order, connections behind the last exchange are left out: others may come before them.
 */
export function sortedIn(
  exchanges: readonly ListRow[],
  connections: readonly ListRow[],
  { by, order }: Order,
  whole: boolean,
): number[] {
  const placed = (row: ListRow): Placed => ({ id: row.id, value: VALUES[by](row), at: time(row) });
  const rest = connections.map(placed).sort((one, other) => compared(one, other, order));
  const keys: number[] = [];
  let next = 0;
  for (const row of exchanges.map(placed)) {
    for (let one = rest[next]; one !== undefined && compared(one, row, order) < 0; one = rest[++next])
      keys.push(one.id);
    keys.push(row.id);
  }
  if (whole) keys.push(...rest.slice(next).map(({ id }) => id));
  return keys;
}
