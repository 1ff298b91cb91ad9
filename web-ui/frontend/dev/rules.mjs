// The stand-in's rules, leases and snapshots, and the history of their changes.

const rule = (name, match, level, more = {}) => ({
  name,
  match,
  level,
  sample: null,
  body_limit: null,
  guarantee: 'best_effort',
  keep_for: null,
  follow: null,
  ...more,
});

const at = (now, secondsAgo) => new Date(now - secondsAgo * 1000).toISOString().replace('Z', '000Z');

const RULES = [
  rule('errors', 'status:5xx | dur:>1s | is:error', 'full', { keep_for: '7d', follow: 'client 30s' }),
  rule('health', 'path:/healthz', 'off'),
  rule('payments', 'host:pay.example.com', 'full', { guarantee: 'bounded 5ms', body_limit: 65_536 }),
  rule('sampled', 'host:*.example.com', 'metadata', { sample: '1% by client' }),
];

const SNAPSHOTS = [
  { name: 'crash-1', trigger: 'crash', reason: null, who: null, ago: 1800, exchanges: 90, state: 'recovered' },
  { name: 'slow-orders', trigger: 'latency', reason: null, who: null, ago: 3600, exchanges: 812, complete: true },
  { name: 'inc-123', trigger: 'api', reason: 'INC-123', who: 'page', ago: 7200, exchanges: 1, complete: false },
];

/** A call that is refused. */
export class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

export class Recorded {
  rules = RULES;
  epoch = 7;
  leases = [];
  snapshots = [];
  /** Why the rules were changed, the first one first. */
  reasons = [];
  #now;
  #lastLease = 0;

  constructor(now) {
    this.#now = now;
    this.snapshots = SNAPSHOTS.map(({ ago, ...snapshot }) => ({
      state: 'stored',
      complete: false,
      ...snapshot,
      created_at: at(now, ago),
      covers_from: at(now, ago + 65),
      covers_until: at(now, ago - 5),
      bytes: snapshot.exchanges * 4321,
      note: snapshot.complete ? null : 'the ring was full: of the 60 s asked for it had 12 s',
    }));
  }

  inForce() {
    const last = { level: 'full', body_limit: 1 << 30 };
    return { rules: this.rules, epoch: this.epoch, default: last, counts: counts(this.rules) };
  }

  /** Puts `rules` in force, unless they were changed since `epoch`. */
  replace({ rules, epoch, why }) {
    if (epoch !== null && epoch !== this.epoch) throw new Refusal(409, 'conflict', 'Something has changed.');
    this.rules = rules;
    this.epoch++;
    this.reasons.push(why);
    return this.inForce();
  }

  /** Somebody else deletes a rule. */
  elsewhere(name) {
    this.rules = this.rules.filter((one) => one.name !== name);
    this.epoch++;
  }

  /** What each rule says of an exchange: the made-up ones know its status only. */
  test({ status }) {
    const step = (name, answer, moment, why, decides = null) => {
      const found = this.rules.find((one) => one.name === name);
      return { rule: name, level: found?.level ?? 'full', answer, moment, why, decides };
    };
    if (status >= 500) return [step('errors', 'true', 'response', '`status:5xx` holds', 'response')];
    return [
      step('errors', 'false', 'end', '`status:5xx` does not hold, `dur:>1s` does not hold'),
      step('health', 'false', 'request', '`path:/healthz` does not hold'),
      step('payments', 'false', 'connection', '`host:pay.example.com` does not hold'),
      step('sampled', 'false', 'connection', '`host:*.example.com` does not hold'),
      step('default', 'true', 'connection', 'it matches every exchange', 'end'),
    ];
  }

  begin({ level, match, lasting_us, max_bytes, max_exchanges, reason, persist }) {
    const id = ++this.#lastLease;
    const lease = {
      id,
      rule: rule(`lease-${id}`, match, level),
      from: at(Date.now(), 0),
      until: at(Date.now(), -lasting_us / 1e6),
      max_bytes,
      max_exchanges,
      reason,
      who: 'page',
      address: '127.0.0.1',
      session: '3f2a9c',
      persist,
      used_bytes: 12_582_912,
      used_exchanges: 132,
      ended_at: null,
      ended_why: null,
    };
    this.leases.unshift(lease);
    return lease;
  }

  extend(id, { lasting_us }) {
    const lease = this.leases.find((one) => one.id === id);
    if (lease) lease.until = at(Date.parse(lease.until), -lasting_us / 1e6);
    return lease;
  }

  end(id) {
    const lease = this.leases.find((one) => one.id === id);
    if (lease) Object.assign(lease, { ended_at: at(Date.now(), 0), ended_why: 'ended' });
    return lease;
  }

  flight() {
    return {
      min_age_us: 60_000_000,
      max_bytes: 268_435_456,
      after_us: 5_000_000,
      covers_from: at(Date.now(), 83),
      exchanges: 3120,
      bytes: 71_303_168,
      written: 99_000,
      lost: 0,
      squeezed: 2,
      taken: 1,
      suppressed: 0,
      taking: null,
      last_at: at(this.#now, 3600),
      last_trigger: 'latency',
    };
  }

  take({ reason }) {
    const created_at = at(this.#now, 0);
    this.snapshots.unshift({
      name: 'taken-now',
      state: 'stored',
      trigger: 'api',
      reason,
      who: 'page',
      created_at,
      covers_from: at(this.#now, 60),
      covers_until: created_at,
      exchanges: 35,
      bytes: 123_456,
      complete: true,
      note: null,
    });
    return { name: 'taken-now', joined: false, until: created_at };
  }

  save(name) {
    const found = this.snapshots.find((one) => one.name === name);
    if (found) found.state = 'stored';
    return found && null;
  }

  remove(name) {
    const found = this.snapshots.some((one) => one.name === name);
    this.snapshots = this.snapshots.filter((one) => one.name !== name);
    return found ? { exchanges: 35 } : undefined;
  }
}

/** Counts of each rule, the last one included. */
const counts = (rules) =>
  [...rules.map(({ name }) => name), 'default'].map((name, index) => ({
    name,
    in_force: true,
    bytes: 0,
    matched: 1200 * (index + 1),
    kept: 1100 * (index + 1),
    sampled_out: name === 'sampled' ? 4700 : 0,
    not_kept: index * 90,
  }));

/** Changes of the settings, the latest first. */
export function changes(now) {
  const [before, after] = [
    { level: 'metadata', body_limit: 1 << 30, rules: [RULES[1]], redaction: [] },
    { level: 'full', body_limit: 1 << 30, rules: [RULES[1]], redaction: [] },
  ];
  const more = { address: null, session: null, why: null, detail: null };
  return [
    {
      ...more,
      at: at(now, 300),
      kind: 'rules',
      who: 'page',
      address: '10.1.2.9',
      session: '3f2a9c',
      why: 'INC-123',
      from: after,
      to: { ...after, rules: RULES, redaction: [{ json: '$..iban' }] },
    },
    { ...more, at: at(now, 3600), kind: 'settings', who: 'cli', from: before, to: after },
    { ...more, at: at(now, 90_000), kind: 'settings', who: 'start', from: null, to: before },
  ];
}

/** Time ranges of the recording, the oldest first. */
export function ranges(now) {
  const dropped = { queue_full: 0, disk_full: 0, disk_error: 0, client_share: 0, recorder_fault: 0 };
  const range = (from, until, more) => ({
    from: at(now, from),
    until: at(now, until),
    state: 'recorded',
    complete: true,
    level: 'full',
    rules: [],
    leases: [],
    step: null,
    dropped,
    deleted: { bounds: 0, expired: 0, user: 0 },
    ...more,
  });
  return [
    range(90_000, 40_000, { level: 'metadata', rules: ['health'] }),
    range(40_000, 36_000, { state: 'down', complete: false, level: null }),
    range(36_000, 3600, { level: 'metadata', complete: false, dropped: { ...dropped, disk_full: 12 } }),
    range(3600, 300, { step: 'heads', complete: false }),
    range(300, 0, { rules: RULES.map(({ name }) => name), leases: ['lease-1'] }),
  ];
}
