// The stand-in's server: files of dist/ under the page's strict policy, and the made-up API.
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Api } from './api.mjs';
import { Refusal } from './rules.mjs';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
// As dashcam sends it: index.html's own scripts by their hashes.
const SCRIPTS = () =>
  [...readFileSync(join(DIST, 'index.html'), 'utf8').matchAll(/<script>([^]*?)<\/script>/g)]
    .map(([, script]) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`)
    .join(' ');
const CSP = () =>
  `default-src 'none'; script-src 'self' ${SCRIPTS()}; worker-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; frame-src 'self'; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
/** For a recorded page in a frame. */
const FRAMED =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox";
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/**
 * Serves on 127.0.0.1 and `port` (0: a free one) until `close` is called. `rate` exchanges are made up each second;
 * the recording is `empty` at first, `paused`, or `readOnly`; its last exchange was right before `now`.
 */
export async function serve({ port = 0, rate = 0, now = Date.now(), ...kind } = {}) {
  const api = new Api({ empty: false, paused: false, readOnly: false, now, ...kind });
  const timer = rate > 0 && !api.empty ? setInterval(() => api.traffic(), 1000 / rate) : undefined;
  const server = createServer((request, response) => void answerTo(api, request, response));
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = async () => {
    clearInterval(timer);
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${server.address().port}/`, api, close };
}

async function answerTo(api, request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://mock');
  const query = Object.fromEntries(searchParams);
  if (pathname === '/mock/lock') api.locked = true;
  if (!pathname.startsWith('/api/v1')) return file(pathname, response);
  if (api.locked) return error(response, 401, 'unauthorized', 'A token is needed.');
  const path = pathname.slice('/api/v1'.length);
  if (path === '/live') return live(api, request, response, query.filter);
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const sent = Buffer.concat(chunks).toString();
  const body = called(() => api.call(request.method, path, query, sent === '' ? undefined : JSON.parse(sent)));
  if (body instanceof Refusal) return error(response, body.status, body.code, body.message);
  if (body === undefined) return error(response, 404, 'not_found', `There is nothing at ${path}.`);
  send(response, body === null ? 204 : request.method === 'POST' ? 201 : 200, body);
}

/** What a call answers, or why it is refused. */
function called(call) {
  try {
    return call();
  } catch (refusal) {
    if (refusal instanceof Refusal) return refusal;
    throw refusal;
  }
}

/** A file of the page; the page itself for every path that is no file's. */
function file(pathname, response) {
  const path = join(DIST, extname(pathname) === '' ? 'index.html' : pathname);
  if (!path.startsWith(DIST) || !existsSync(path)) return send(response, 404, 'not found');
  const type = TYPES[extname(path)] ?? 'application/octet-stream';
  response.writeHead(200, { 'content-type': type, 'content-security-policy': CSP() });
  createReadStream(path).pipe(response);
}

function live(api, request, response, filter) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  response.flushHeaders();
  const leave = api.watch(filter, (name, data) => response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`));
  request.on('close', leave);
}

function error(response, status, code, message) {
  send(response, status, { error: { code, message } });
}

function send(response, status, body) {
  if (body?.bytes !== undefined) {
    const framed = body.framed ? { 'content-security-policy': FRAMED } : {};
    response.writeHead(status, { 'content-type': body.type, 'x-content-type-options': 'nosniff', ...framed });
    return response.end(body.bytes);
  }
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json' });
  response.end(status === 204 ? undefined : text);
}
