// The stand-in's API: a recording in memory, and those who watch it.
import { auditLog } from './audit.mjs';
import { bodyOf, bytesOf, messagesOf, payloadOf, preview, viewNames, viewOf } from './bodies.mjs';
import { connection, connections, rejectedPairs } from './connections.mjs';
import { exchange, summary } from './exchanges.mjs';
import { lostHours } from './gaps.mjs';
import { facets, histogram, stats, tree } from './figures.mjs';
import { list } from './list.mjs';
import { complete, language } from './filters.mjs';
import { explain, matches } from './matching.mjs';
import { changes, ranges, Recorded } from './rules.mjs';
import { Redaction, replayable, unsealed } from './redaction.mjs';
import { status } from './status.mjs';

const AT_FIRST = 1500;

export class Api {
  /** Filters that are kept, by their names. */
  presets = new Map([['errors', 'status:5xx | is:error']]);
  settings = { level: 'full', body_limit: 1 << 30, rules: [], redaction: [] };
  /** Newest first. */
  exchanges = [];
  /** The last number that was given. */
  last = 0;
  /** Connections that were opened while nothing was recorded. */
  unread = 0;
  /** The views of a body, by the exchange and the part: `1495 response`. */
  views = new Map();
  /** Nobody is signed in any more. */
  locked = false;
  /** The budget's step. */
  step = 'full';
  /** Figures take longer than they may. */
  slow = false;
  /** The state of config.toml, if there is one. */
  config = null;
  /** The role of the one who calls. */
  role = { role: 'admin', via: 'page', token: null, expires_at: null };
  redaction = new Redaction();
  started = new Date().toISOString();
  #watchers = new Set();

  constructor({ empty, paused, readOnly, now }) {
    Object.assign(this, { empty, paused, readOnly, now, rejected: empty ? [] : rejectedPairs(now) });
    this.recorded = new Recorded(now);
    for (let n = empty ? AT_FIRST : 0; n < AT_FIRST; n++) {
      this.exchanges.unshift(exchange(++this.last, now - (AT_FIRST - n) * 1700));
    }
  }

  /** Answers a call; null for success without content, undefined for what there is not. */
  call(method, path, query, body) {
    for (const [allowed, pattern, handle] of ROUTES) {
      const found = method === allowed ? pattern.exec(path) : null;
      if (found !== null) return handle(this, { id: Number(found[1]), part: found[2], query, body });
    }
    return undefined;
  }

  /** Tells `hear` what happens from now on, of exchanges those that match `filter`, until the returned function is called. */
  watch(filter, hear) {
    const watcher = { filter, hear };
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** One more exchange, if any are recorded. */
  traffic() {
    if (['metadata', 'full'].includes(this.settings.level)) this.begin();
  }

  /** Begins an exchange and ends it a little later, as traffic would. */
  begin(edit = {}) {
    const whole = { ...exchange(++this.last, Date.now()), ...edit };
    const head = { state: 'open', status: null, content_type: null, response: null, response_size: 0 };
    const open = { ...whole, ...head, duration_us: null, failure: null };
    this.exchanges.unshift(open);
    this.#tell('started', summary(open));
    setTimeout(() => {
      Object.assign(open, whole);
      this.#tell('finished', summary(open));
    }, 300);
    return whole.id;
  }

  /** Begins an exchange that the rules turn out not to keep. */
  discard() {
    const whole = exchange(++this.last, Date.now());
    this.#tell('started', summary({ ...whole, state: 'open', status: null, duration_us: null }));
    this.#tell('discarded', { id: whole.id });
    return whole.id;
  }

  has(id) {
    return this.find(id) !== undefined;
  }

  find(id) {
    return this.exchanges.find((row) => row.id === id);
  }

  list(query) {
    return list(
      this.exchanges.filter((row) => matches(row, query.filter)),
      this.exchanges,
      query,
    );
  }

  clear(pinned) {
    const all = this.exchanges.length;
    this.exchanges = this.exchanges.filter((row) => row.pinned && !pinned);
    return { deleted: all - this.exchanges.length };
  }

  removeAll({ ids }) {
    this.exchanges = this.exchanges.filter((row) => !ids.includes(row.id));
    return { deleted: ids.length, next_after: null };
  }

  remove(id) {
    this.exchanges = this.exchanges.filter((row) => row.id !== id);
    return null;
  }

  pin(id, pinned) {
    const found = this.find(id);
    if (found) found.pinned = pinned;
    return found && null;
  }

  annotate(id, { comment, tags = [], untag = [] }) {
    const found = this.find(id);
    if (found === undefined) return undefined;
    const kept = [...new Set([...found.note.tags, ...tags])].filter((tag) => !untag.includes(tag)).sort();
    found.note = { comment: comment ?? found.note.comment, tags: kept };
    found.tags = kept;
    return found.note;
  }

  replay(id, edits = {}) {
    const of = this.find(id);
    replayable(of, edits);
    this.replayed = edits;
    const { method = of.method, url = of.url } = edits;
    const started_at = new Date().toISOString();
    return { id: this.begin({ ...of, id: this.last + 1, replay_of: id, connection: null, started_at, method, url }) };
  }

  /** A request that was not recorded before. */
  send(request) {
    this.sent = request;
    const { method = 'GET', url } = request;
    const { host, pathname, search } = new URL(url);
    const target = pathname + search;
    return { id: this.begin({ replay_of: null, connection: null, method, url, host, target }) };
  }

  /** What each rule says of a recorded exchange, or of one that is described. */
  test({ exchange, ...described }) {
    const found = exchange == null ? described : this.find(exchange);
    return found && { rules: this.recorded.test(found) };
  }

  decryptAgain(id) {
    const found = this.rejected.some((pair) => pair.id === id);
    this.rejected = this.rejected.filter((pair) => pair.id !== id);
    return found ? null : undefined;
  }

  /** The filters that are kept, by their names. */
  kept() {
    const names = [...this.presets.keys()].sort();
    return { presets: names.map((name) => ({ name, filter: this.presets.get(name), at: this.started })) };
  }

  keep(name, filter) {
    this.presets.set(name, filter);
    return null;
  }

  change(settings) {
    this.settings = { ...this.settings, ...settings };
    this.#tell('settings', this.settings);
    return { ...this.settings, unread_connections: this.unread };
  }

  /** Closes the connections that are not recorded. */
  closeUnread() {
    const connections = this.unread;
    this.unread = 0;
    return { connections };
  }

  #tell(name, data) {
    const ofExchange = ['started', 'responded', 'finished'].includes(name);
    for (const { filter, hear } of this.#watchers) if (!ofExchange || matches(data, filter)) hear(name, data);
  }
}

function messages(row, { after = -1, preview = 65_536 }) {
  const all = messagesOf(row, Number(preview));
  return { messages: all.filter(({ seq }) => seq > Number(after)), next_after: null };
}

const ROUTES = [
  ['GET', /^\/exchanges$/, (api, { query }) => api.list(query)],
  ['DELETE', /^\/exchanges$/, (api, { query }) => api.clear(query.pinned === 'true')],
  ['POST', /^\/exchanges\/delete$/, (api, { body }) => api.removeAll(body)],
  ['GET', /^\/exchanges\/(\d+)$/, (api, { id, query }) => unsealed(api.find(id), query)],
  ['DELETE', /^\/exchanges\/(\d+)$/, (api, { id }) => api.remove(id)],
  ['GET', /^\/exchanges\/graphql$/, () => ({ calls: [] })],
  ['PATCH', /^\/exchanges\/(\d+)\/note$/, (api, { id, body }) => api.annotate(id, body)],
  ['PUT', /^\/exchanges\/(\d+)\/pin$/, (api, { id }) => api.pin(id, true)],
  ['DELETE', /^\/exchanges\/(\d+)\/pin$/, (api, { id }) => api.pin(id, false)],
  [
    'GET',
    /^\/exchanges\/(\d+)\/(request|response)\/text$/,
    (api, { id, part, query }) => unsealed(bodyOf(api.find(id), part), query),
  ],
  ['GET', /^\/exchanges\/(\d+)\/(request|response)\/body$/, (api, { id, part }) => bytesOf(api.find(id), part)],
  ['GET', /^\/exchanges\/(\d+)\/(request|response)\/preview$/, (api, { id, part }) => preview(api.find(id), part)],
  [
    'GET',
    /^\/exchanges\/(\d+)\/(request|response|messages\/\d+)\/views$/,
    (api, { id, part }) => viewNames(api, id, part),
  ],
  [
    'GET',
    /^\/exchanges\/(\d+)\/(request|response|messages\/\d+)\/view$/,
    (api, { id, part, query }) => viewOf(api, id, part, query.name),
  ],
  ['GET', /^\/exchanges\/(\d+)\/messages$/, (api, { id, query }) => unsealed(messages(api.find(id), query), query)],
  [
    'GET',
    /^\/exchanges\/(\d+)\/messages\/(\d+)\/payload$/,
    (api, { id, part }) => payloadOf(api.find(id), Number(part)),
  ],
  ['GET', /^\/exchanges\/(\d+)\/snippet$/, (api, { id, query }) => `# ${query.format}\n${api.find(id)?.url}\n`],
  ['GET', /^\/exchanges\/(\d+)\/har$/, (api, { id }) => JSON.stringify({ log: { entries: [api.find(id)] } })],
  ['POST', /^\/exchanges$/, (api, { body }) => api.send(body)],
  ['POST', /^\/exchanges\/(\d+)\/replay$/, (api, { id, body }) => api.replay(id, body)],
  ['GET', /^\/connections$/, (_, { query }) => connections(query)],
  ['POST', /^\/connections\/unread\/close$/, (api) => api.closeUnread()],
  ['GET', /^\/connections\/(\d+)$/, (_, { id }) => connection(id)],
  ['GET', /^\/rejected$/, (api) => ({ pairs: api.rejected })],
  ['DELETE', /^\/rejected\/(\d+)$/, (api, { id }) => api.decryptAgain(id)],
  ['GET', /^\/gaps\/by-hour$/, (api) => ({ hours: api.empty ? [] : lostHours() })],
  ['GET', /^\/descriptors$/, () => ({ size: 0, files: [], messages: [], methods: [] })],
  ['GET', /^\/presets$/, (api) => api.kept()],
  ['PUT', /^\/presets\/()([\w-]+)$/, (api, { part, body }) => api.keep(part, body.filter)],
  ['DELETE', /^\/presets\/()([\w-]+)$/, (api, { part }) => (api.presets.delete(part) ? null : undefined)],
  ['GET', /^\/filters\/complete$/, (api, { query }) => complete(api, query)],
  ['GET', /^\/filters\/explain$/, (_, { query }) => explain(query)],
  ['GET', /^\/filters\/language$/, language],
  ['GET', /^\/exchanges\/histogram$/, (api, { query }) => histogram(api, query)],
  ['GET', /^\/exchanges\/tree$/, (api, { query }) => tree(api, query)],
  ['GET', /^\/exchanges\/facets$/, (api, { query }) => facets(api, query)],
  ['GET', /^\/exchanges\/stats$/, (api, { query }) => stats(api, query)],
  ['GET', /^\/redaction$/, (api) => api.redaction.inForce(api.settings)],
  ['POST', /^\/exchanges\/(\d+)\/redact$/, (api, { id, body }) => api.redaction.redact(api, id, body)],
  ['GET', /^\/settings$/, (api) => api.settings],
  ['PATCH', /^\/settings$/, (api, { body }) => api.change(body)],
  ['GET', /^\/settings\/history$/, (api) => ({ changes: changes(api.now) })],
  ['GET', /^\/boundaries$/, (api) => ({ ranges: ranges(api.now) })],
  ['GET', /^\/rules$/, (api) => api.recorded.inForce()],
  ['PUT', /^\/rules$/, (api, { body }) => api.recorded.replace(body)],
  ['POST', /^\/rules\/test$/, (api, { body }) => api.test(body)],
  ['GET', /^\/leases$/, (api) => ({ leases: api.recorded.leases })],
  ['POST', /^\/leases$/, (api, { body }) => api.recorded.begin(body)],
  ['PATCH', /^\/leases\/(\d+)$/, (api, { id, body }) => api.recorded.extend(id, body)],
  ['DELETE', /^\/leases\/(\d+)$/, (api, { id }) => api.recorded.end(id)],
  ['GET', /^\/snapshots$/, (api) => ({ snapshots: api.recorded.snapshots, flight: api.recorded.flight() })],
  ['POST', /^\/snapshots$/, (api, { body }) => api.recorded.take(body)],
  ['POST', /^\/snapshots\/()([\w.-]+)\/save$/, (api, { part }) => api.recorded.save(part)],
  ['DELETE', /^\/snapshots\/()([\w.-]+)$/, (api, { part }) => api.recorded.remove(part)],
  ['GET', /^\/role$/, (api) => api.role],
  ['GET', /^\/audit$/, (api, { query }) => auditLog(api.now, query)],
  ['GET', /^\/status$/, status],
];
