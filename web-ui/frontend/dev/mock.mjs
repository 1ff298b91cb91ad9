// A stand-in for dashcam, for working on the page: dist/ and the API with made-up exchanges, new ones as time passes.
// `npm run build && npm run mock`, then http://127.0.0.1:8081/. MOCK_EMPTY=1 starts with nothing, MOCK_RATE=N sends N exchanges a second,
// MOCK_PAUSED=1 pauses the recording, MOCK_READ_ONLY=1 lets it only be looked at.
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bodyOf, connection, exchange, failedConnections, lostHours, messagesOf, summary } from './data.mjs';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const PORT = Number(process.env.MOCK_PORT ?? 8081);
const RATE = Number(process.env.MOCK_RATE ?? 1);
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

let settings = { level: 'full', body_limit: 1 << 30 };
let exchanges = [];
let last = 0;
let locked = false;
const started = new Date().toISOString();
const watchers = new Set();

const matches = (row, filter) => {
  const hay =
    `${row.method} ${row.url} ${row.status ?? ''} ${row.content_type ?? ''} ${['open', 'complete'].includes(row.state) ? '' : row.state}`.toLowerCase();
  return (filter ?? '')
    .toLowerCase()
    .split(/\s+/)
    .every((word) => hay.includes(word));
};

function tell(name, data) {
  for (const { response, filter } of watchers) {
    if (['started', 'responded', 'finished'].includes(name) && !matches(data, filter)) continue;
    response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  }
}

/** Begins an exchange and ends it a little later, as traffic would. */
function begin(edit = {}) {
  const whole = { ...exchange(++last, Date.now()), ...edit };
  const open = {
    ...whole,
    state: 'open',
    status: null,
    content_type: null,
    response: null,
    response_size: 0,
    duration_us: null,
    failure: null,
  };
  exchanges.unshift(open);
  tell('started', summary(open));
  setTimeout(
    () => {
      Object.assign(open, whole);
      tell('finished', summary(open));
    },
    150 + Math.random() * 400,
  );
  return whole.id;
}

if (process.env.MOCK_EMPTY === undefined) {
  for (let n = 0; n < 1500; n++) exchanges.unshift(exchange(++last, Date.now() - (1500 - n) * 1700));
}
if (RATE > 0 && process.env.MOCK_EMPTY === undefined)
  setInterval(() => ['metadata', 'full'].includes(settings.level) && begin(), 1000 / RATE);

const status = () => ({
  version: '0.1.0',
  started_at: started,
  uptime_us: 1,
  read_only: process.env.MOCK_READ_ONLY !== undefined,
  home: '/home/me/.dashcam',
  listeners: [
    { mode: 'forward', address: '127.0.0.1:8080' },
    { mode: 'reverse:https://api.example.com', address: '0.0.0.0:9000' },
  ],
  page: {
    url: 'http://127.0.0.1:8081/',
    socket: null,
    sessions: 1,
    sign_ins_failed: 0,
    connections_open: 3,
    refused: { connections: 0, displaced: 0, watchers: 0, exports: 0, replays: 0 },
  },
  database: { path: '/home/me/.dashcam/dashcam.db', size: 48_234_496, exchanges: exchanges.length },
  retention: {
    max_size: 10_737_418_240,
    max_age_us: 2_592_000_000_000,
    max_exchanges: null,
    used: 45_000_000,
    deleted: 17,
    pinned: exchanges.filter((row) => row.pinned).length,
    oldest_at: exchanges.at(-1)?.started_at ?? null,
    crowded: false,
  },
  settings,
  ledger: {
    seen: last + 12,
    stored: last,
    metadata_only: 40,
    open: 0,
    pending: 0,
    truncated: last > 0 ? 3 : 0,
    not_recorded: 17,
    dropped: { queue_full: last > 0 ? 12 : 0, disk_full: 0, disk_error: 0, recorder_fault: 0 },
  },
  traffic: {
    in_progress: 1,
    requests: {
      total: last,
      status_1xx: 0,
      status_2xx: last,
      status_3xx: 0,
      status_4xx: 0,
      status_5xx: 0,
      status_other: 0,
      failed: 0,
      refused: 0,
      aborted: 0,
    },
    request_bytes: 12_345,
    response_bytes: 6_789_012,
    to_head: { count: last, p50_us: 812, p90_us: 2100, p99_us: 12_400, p999_us: 51_000 },
    to_end: { count: last, p50_us: 950, p90_us: 2600, p99_us: 14_800, p999_us: 73_000 },
  },
  connections_open: 4,
  recorder: { state: 'running', error: null, queued_bytes: 0 },
  recording:
    process.env.MOCK_PAUSED === undefined
      ? { state: 'recording', since: null, reason: null, message: null }
      : {
          state: 'paused',
          since: started,
          reason: 'disk_full',
          message: 'the disk of /home/me/.dashcam/dashcam.db has 0.9 GiB free, and 1.0 GiB are to stay free',
        },
});

function pin(id, pinned) {
  const found = exchanges.find((row) => row.id === Number(id));
  if (found) found.pinned = pinned;
  return found && null;
}

const ROUTES = [
  [
    'GET',
    /^\/exchanges$/,
    (_, { filter, before, limit }) => {
      const found = exchanges.filter((row) => matches(row, filter) && (!before || row.id < Number(before)));
      const page = found.slice(0, Number(limit ?? 100));
      return { exchanges: page.map(summary), next_before: found.length > page.length ? page.at(-1).id : null };
    },
  ],
  [
    'DELETE',
    /^\/exchanges$/,
    (_, { pinned }) => {
      const all = exchanges.length;
      exchanges = exchanges.filter((row) => row.pinned && pinned !== 'true');
      return { deleted: all - exchanges.length };
    },
  ],
  ['GET', /^\/exchanges\/(\d+)$/, ([id]) => exchanges.find((row) => row.id === Number(id))],
  [
    'DELETE',
    /^\/exchanges\/(\d+)$/,
    ([id]) => {
      exchanges = exchanges.filter((row) => row.id !== Number(id));
      return null;
    },
  ],
  ['PUT', /^\/exchanges\/(\d+)\/pin$/, ([id]) => pin(id, true)],
  ['DELETE', /^\/exchanges\/(\d+)\/pin$/, ([id]) => pin(id, false)],
  [
    'GET',
    /^\/exchanges\/(\d+)\/(request|response)\/text$/,
    ([id, side]) =>
      bodyOf(
        exchanges.find((row) => row.id === Number(id)),
        side,
      ),
  ],
  [
    'GET',
    /^\/exchanges\/(\d+)\/messages$/,
    ([id], { after, preview }) => ({
      messages: messagesOf(
        exchanges.find((row) => row.id === Number(id)),
        Number(preview ?? 65_536),
      ).filter(({ seq }) => seq > Number(after ?? -1)),
      next_after: null,
    }),
  ],
  [
    'GET',
    /^\/exchanges\/(\d+)\/messages\/(\d+)\/payload$/,
    ([id, seq]) =>
      messagesOf(
        exchanges.find((row) => row.id === Number(id)),
        Infinity,
      )[Number(seq)]?.text,
  ],
  ['GET', /^\/exchanges\/(\d+)\/curl$/, ([id]) => `curl '${exchanges.find((row) => row.id === Number(id))?.url}'\n`],
  [
    'POST',
    /^\/exchanges\/(\d+)\/replay$/,
    ([id], _, edits) => {
      const of = exchanges.find((row) => row.id === Number(id));
      const created = begin({
        ...of,
        id: last + 1,
        replay_of: of.id,
        connection: null,
        started_at: new Date().toISOString(),
        method: edits?.method ?? of.method,
        url: edits?.url ?? of.url,
      });
      return { id: created };
    },
  ],
  ['GET', /^\/connections$/, () => ({ connections: failedConnections, next_before: null })],
  ['GET', /^\/connections\/(\d+)$/, ([id]) => connection(Number(id))],
  ['GET', /^\/gaps\/by-hour$/, () => ({ hours: process.env.MOCK_EMPTY === undefined ? lostHours : [] })],
  ['GET', /^\/settings$/, () => settings],
  [
    'PATCH',
    /^\/settings$/,
    (_, __, patch) => {
      settings = { ...settings, ...patch };
      tell('settings', settings);
      return settings;
    },
  ],
  ['GET', /^\/status$/, status],
];

function answer(response, code, body) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(code, { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json' });
  response.end(code === 204 ? undefined : text);
}

function live(request, response, filter) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
  const watcher = { response, filter };
  watchers.add(watcher);
  request.on('close', () => watchers.delete(watcher));
}

createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://mock');
  const query = Object.fromEntries(searchParams);
  if (pathname === '/mock/lock') locked = true;
  if (!pathname.startsWith('/api/v1')) {
    const file = join(DIST, pathname === '/' ? 'index.html' : pathname);
    if (!file.startsWith(DIST) || !existsSync(file)) return answer(response, 404, 'not found');
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': CSP,
    });
    return createReadStream(file).pipe(response);
  }
  if (locked) return answer(response, 401, { error: { code: 'unauthorized', message: 'A token is needed.' } });
  const path = pathname.slice('/api/v1'.length);
  if (path === '/live') return live(request, response, query.filter);
  for (const [method, pattern, handle] of ROUTES) {
    const found = pattern.exec(path);
    if (method !== request.method || found === null) continue;
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const sent = Buffer.concat(chunks).toString();
    const body = handle(found.slice(1), query, sent === '' ? undefined : JSON.parse(sent));
    if (body === undefined) break;
    return answer(response, body === null ? 204 : method === 'POST' ? 201 : 200, body);
  }
  answer(response, 404, { error: { code: 'not_found', message: `There is nothing at ${path}.` } });
}).listen(PORT, '127.0.0.1', () => console.log(`http://127.0.0.1:${PORT}/`));
