// Figures of the stand-in's exchanges: over time, by value, by group.
import { matches } from './matching.mjs';

const VALUES = {
  host: (row) => row.host,
  path: (row) => row.target.split('?')[0].replace(/\d+/g, '{id}'),
  method: (row) => row.method,
  status: (row) => row.status && String(row.status),
  type: (row) => row.content_type?.split(';')[0] ?? null,
  state: (row) => row.state,
  failure: (row) => row.failure && `${row.failure.side}/${row.failure.stage}`,
  rule: (row) => row.rule,
  client: (row) => `10.0.0.${(row.id % 3) + 7}`,
  program: (row) => row.program,
};

const at = (ms) => new Date(ms).toISOString().replace('Z', '000Z');
const isError = (row) => row.failure !== null || row.status >= 500;
const sum = (rows, of) => rows.reduce((all, row) => all + of(row), 0);

function covered(api, rows) {
  const times = rows.map((row) => Date.parse(row.started_at));
  const [from, until] = times.length === 0 ? [null, null] : [Math.min(...times), Math.max(...times)];
  return {
    complete: !api.slow,
    exchanges: rows.length,
    estimate: rows.length,
    looked_at: api.slow ? 400 : api.exchanges.length,
    rows_read: 0,
    took_us: 1800,
    undecided: 0,
    unreadable: 0,
    dropped: from === null ? 0 : 12,
    gaps:
      from === null
        ? []
        : [{ from: at(api.now - 600_000), until: at(api.now - 540_000), exchanges: 12, reason: 'queue_full' }],
    unrecorded: from === null ? [] : [{ from: at(api.now - 1_200_000), until: at(api.now - 1_140_000), level: 'off' }],
    paused_since: null,
    from: from === null ? null : at(from),
    until: until === null ? null : at(until),
  };
}

const found = (api, { filter }) => api.exchanges.filter((row) => matches(row, filter, api.now));

/** Rows by their value, the largest group first. */
function grouped(rows, key) {
  const groups = new Map();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group === undefined) groups.set(key(row), [row]);
    else group.push(row);
  }
  return [...groups].sort(([, a], [, b]) => b.length - a.length);
}

export function histogram(api, query) {
  const rows = found(api, query);
  const every = 60_000;
  const parts = new Map();
  for (const row of rows) {
    const time = Math.floor(Date.parse(row.started_at) / every);
    const part = parts.get(time) ?? { count: 0, errors: 0 };
    parts.set(time, { count: part.count + 1, errors: part.errors + (isError(row) ? 1 : 0) });
  }
  const [first, last] = [Math.min(...parts.keys()), Math.max(...parts.keys())];
  // Exchanges of a test may come long after those that were there.
  const length = rows.length === 0 ? 0 : Math.min(2000, last - first + 1);
  const buckets = Array.from({ length }, (_, n) => ({
    from: at((first + n) * every),
    ...(parts.get(first + n) ?? { count: 0, errors: 0 }),
  }));
  return { every_us: every * 1000, buckets, covered: covered(api, rows) };
}

export function facets(api, query) {
  const rows = found(api, query);
  const facets = query.by.split(',').map((by) => {
    const values = grouped(rows, (row) => VALUES[by](row) ?? null);
    const shown = values.slice(0, Number(query.limit ?? 10));
    return {
      by,
      exact: true,
      others: sum(values.slice(shown.length), ([, group]) => group.length),
      values: shown.map(([value, group]) => ({ value, count: group.length })),
    };
  });
  return { facets, covered: covered(api, rows) };
}

function figuresOf(rows, seconds) {
  const durations = rows.flatMap((row) => row.duration_us ?? []).sort((a, b) => a - b);
  const rank = (share) => durations[Math.ceil(durations.length * share) - 1] ?? null;
  const [request_bytes, response_bytes] = [sum(rows, (row) => row.request_size), sum(rows, (row) => row.response_size)];
  return {
    count: rows.length,
    errors: rows.filter(isError).length,
    rate: rows.length / seconds,
    p50_us: rank(0.5),
    p95_us: rank(0.95),
    p99_us: rank(0.99),
    max_us: durations.at(-1) ?? null,
    bytes: request_bytes + response_bytes,
    request_bytes,
    response_bytes,
    exact: true,
  };
}

export function stats(api, query) {
  const rows = found(api, query);
  const by = query.by === undefined ? [] : query.by.split(',');
  const every = query.every === undefined ? null : 60_000;
  const keyOf = (row) => JSON.stringify(by.map((one) => VALUES[one](row) ?? null));
  const timeOf = (row) => (every === null ? null : Math.floor(Date.parse(row.started_at) / every) * every);
  const groups = grouped(rows, keyOf).flatMap(([key, group]) =>
    grouped(group, timeOf).map(([time, part]) => ({
      key: JSON.parse(key),
      from: time === null ? null : at(time),
      ...figuresOf(part, (every ?? 2_550_000) / 1000),
    })),
  );
  groups.sort((a, b) => (a.from ?? '').localeCompare(b.from ?? ''));
  return {
    by,
    every_us: every === null ? null : every * 1000,
    exact: true,
    groups: groups.slice(0, every === null ? Number(query.limit ?? 100) : undefined),
    covered: covered(api, rows),
  };
}

/** The tree of hosts and paths: the nodes of the places that are open. */
export function tree(api, query) {
  const rows = found(api, query);
  const limit = Number(query.limit ?? 50);
  const partsOf = (row) => [row.host, ...VALUES.path(row).split('/').slice(1)];
  const branches = ['', ...(query.open ?? '').split(' ').filter(Boolean)].map((place) => {
    const depth = place === '' ? 0 : place.split('/').length;
    const below = rows.filter((row) => depth === 0 || `${partsOf(row).join('/')}/`.startsWith(`${place}/`));
    const deep = below.filter((row) => partsOf(row).length > depth);
    const nodes = grouped(deep, (row) => partsOf(row)[depth]).map(([name, group]) => {
      const { count, errors, p95_us } = figuresOf(group, 1);
      return { name, has_nodes: group.some((row) => partsOf(row).length > depth + 1), count, errors, p95_us };
    });
    const left = nodes.splice(limit);
    return { place, nodes, more: left.length, others: sum(left, (node) => node.count), exact: true };
  });
  return { branches, covered: covered(api, rows) };
}
