// Pages of the stand-in's list.
import { summary } from './exchanges.mjs';

const VALUES = {
  id: (row) => row.id,
  started_at: (row) => row.started_at,
  method: (row) => row.method,
  host: (row) => row.host,
  path: (row) => row.target,
  status: (row) => row.status,
  type: (row) => row.content_type,
  request_size: (row) => row.request_size,
  response_size: (row) => row.response_size,
  duration: (row) => row.duration_us,
  client: (row) => row.client,
  program: (row) => row.program,
  rule: (row) => row.rule,
  tags: (row) => row.tags.join(' ') || null,
  grpc_status: (row) => row.grpc_status,
};

/** The page of `found`, newest first, that `query` asks for; `all` is the whole recording. */
export function list(found, all, query) {
  const limit = Number(query.limit ?? 100);
  const ends = all.length === 0 ? null : { first: all.at(-1).id, last: all[0].id };
  const nothing = { next_before: null, next_after: null, ends, search: null, sorted: null };
  if (query.sort !== undefined) return { ...nothing, ...sorted(found, limit, query) };
  if (query.after !== undefined) {
    const above = found.filter((row) => row.id > Number(query.after));
    const page = above.slice(-limit);
    return {
      ...nothing,
      exchanges: page.map(summary),
      next_after: above.length > page.length ? page[0].id : null,
    };
  }
  const until = query.at === undefined ? Infinity : Date.parse(query.at);
  const isBelow = (row) => row.id < Number(query.before ?? Infinity) && Date.parse(row.started_at) <= until;
  const below = found.filter(isBelow);
  const page = below.slice(0, limit);
  return {
    ...nothing,
    exchanges: page.map(summary),
    next_before: below.length > page.length ? page.at(-1).id : null,
  };
}

function sorted(found, limit, { sort, order, from }) {
  const value = VALUES[sort];
  const sign = order === 'asc' ? 1 : -1;
  const rows = [...found].sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return a === b ? other.id - one.id : a < b ? -sign : sign;
  });
  const start = from === undefined ? 0 : rows.findIndex(({ id }) => `~${id}` === from) + 1;
  const page = rows.slice(start, start + limit);
  const next = start + limit < rows.length ? `~${page.at(-1).id}` : null;
  return { exchanges: page.map(summary), sorted: { looked_at: rows.length, complete: true, next } };
}
