// The stand-in's redaction: what stands in exchanges in the places of secrets, and the secrets.
import { Refusal } from './rules.mjs';

const SECRETS = {
  '0123456789abcdef01234567': 'hunter2',
  aaaabbbbccccddddeeeeffff: 'made-up-token',
  '111122223333444455556666': 's-9f3c',
};
const [PASSWORD, TOKEN, COOKIE] = Object.keys(SECRETS);
/** A seal that has expired. */
const EXPIRED = 'deaddeaddeaddeaddeaddead';

const sealed = (kind, id) => `~sealed.${kind}.${id}~`;

/** A sign-in, with secrets in each of its parts. */
const LOGIN = 1490;
/** A body that could not be read, and one that is from a time without redaction. */
const [WITHHELD, BEFORE] = [1487, 1486];
const STREAM = 1489;

const LOGIN_SENT = JSON.stringify({
  user: { name: 'ada', password: sealed('password', PASSWORD), pin: 4711 },
  cards: [{ number: '~masked.card.lt32~', holder: 'Ada L.' }],
  old: `~pseudonym.token.${TOKEN}~`,
});
const LOGIN_RECEIVED = JSON.stringify({ access_token: sealed('token', TOKEN), refresh: sealed('token', EXPIRED) });

/** `whole` as redaction leaves it. */
export function redacted(whole) {
  const set = 'default@1a2b3c4d';
  const of = (more) => ({ redaction: { set, replaced: 0 }, ...more });
  for (const side of ['request_body', 'response_body']) whole[side].stored_as = 'sent';
  if (whole.id === LOGIN) return { ...whole, ...login(whole, set) };
  if (whole.id === WITHHELD)
    whole.response_body = { ...whole.response_body, stored: 0, truncated: false, stored_as: 'withheld' };
  if (whole.id === BEFORE) return { ...whole, redaction: null };
  return { ...whole, ...of(whole.id === STREAM ? { redaction: { set, replaced: 8 } } : {}) };
}

function login(whole, set) {
  const target = `/v2/login?sig=${sealed('signature', TOKEN)}&lang=de`;
  const body = (text, of) => ({ ...of, size: text.length - 40, stored: text.length, stored_as: 'redacted' });
  return {
    target,
    url: `https://${whole.host}${target}`,
    redaction: { set, replaced: 9 },
    request: {
      ...whole.request,
      target,
      headers: [
        ['Host', whole.host],
        ['Authorization', `Bearer ${sealed('credential', TOKEN)}`],
        ['Cookie', `sid=${sealed('cookie', COOKIE)}; theme=dark`],
        ['X-Customer', 'c_8812'],
        ['Content-Type', 'application/json'],
      ],
    },
    request_sent: null,
    response: {
      ...whole.response,
      headers: [
        ['Content-Type', 'application/json'],
        ['Content-Encoding', 'gzip'],
        ['Set-Cookie', `sid=${sealed('cookie', COOKIE)}; Path=/; HttpOnly`],
      ],
    },
    request_body: body(LOGIN_SENT, whole.request_body),
    response_body: body(LOGIN_RECEIVED, whole.response_body),
  };
}

/** The text of a body, if redaction changed it. */
export function redactedText(id, side) {
  if (id !== LOGIN) return null;
  return side === 'request' ? LOGIN_SENT : LOGIN_RECEIVED;
}

/** The text of a message, as redaction leaves it. */
export const redactedMessage = (id, seq, text) =>
  id === STREAM && seq % 5 === 1 ? text.replace('{', `{"session":"${sealed('token', COOKIE)}",`) : null;

/** An answer with sealed values put back, if that is asked for. */
export function unsealed(answer, query) {
  if (answer === undefined || query.unseal !== 'true') return answer;
  const back = (text) => text.replace(/~sealed\.[a-z-]+\.([0-9a-f]{24})~/g, (whole, id) => SECRETS[id] ?? whole);
  return JSON.parse(back(JSON.stringify(answer)));
}

/** Whether a replay has values that can't be put back. */
export function replayable(exchange, edits) {
  const { headers = exchange.request.headers, url = exchange.url } = edits;
  const body = edits.body ?? (exchange.id === LOGIN ? LOGIN_SENT : '');
  if (edits.unseal === false || !/~(masked|pseudonym)\./.test(JSON.stringify([url, headers, body]))) return;
  throw new Refusal(409, 'conflict', 'Nothing was sent: exchange 1490 has secrets that can’t be put back.');
}

export class Redaction {
  /** The set that is on; null for off. */
  set = 'payments';
  /** Every redaction that was asked for, those that only counted apart. */
  asked = [];
  counted = [];

  status() {
    return { set: this.set, seal_for_s: 86_400, has_key: true, replaced: 1204, sealed: 611, withheld: 2, faults: 0 };
  }

  inForce(settings) {
    return {
      set: this.set,
      label: this.set === null ? null : `${this.set}@1a2b3c4d`,
      seal_for_s: 86_400,
      key: '/home/me/.dashcam/redaction.key',
      sets: [
        {
          name: 'payments',
          from: 'default',
          rules: [{ json: '$..iban', how: 'mask', host: '*.pay.example' }, { header: 'x-internal-*' }],
          keep: [{ header: 'x-csrf-token' }],
        },
      ],
      added: settings.redaction,
    };
  }

  /** Redacts a value, or counts. */
  redact(api, id, { place, scope, after, dry_run }) {
    if (!after) (dry_run ? this.counted : this.asked).push({ id, place, scope });
    if (place.includes('holder')) throw new Refusal(409, 'conflict', 'The exchange is still open. Wait for its end.');
    if (!dry_run && place === 'request.header:x-customer') {
      api.find(id).request.headers[3] = ['X-Customer', sealed('chosen', PASSWORD)];
    }
    const part = (exchanges, changed, count, next_after) => ({
      set: '',
      exchanges,
      changed,
      done: 0,
      open: 0,
      too_large: [],
      failed: [],
      findings: [{ place: 'request body', kind: 'chosen', count }],
      by_exchange: [],
      next_after,
    });
    if (scope === 'here') return part(1, 1, 1, null);
    return after ? part(500, 46, 112, null) : part(1000, 41, 200, 1000);
  }
}
