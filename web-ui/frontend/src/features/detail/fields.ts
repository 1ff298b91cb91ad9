// Header fields taken apart: cookies, credentials, tokens, and the parameters of an address.
import { moment } from '../../format/time';

/** A part of a field's value as a table. */
export interface FieldTable {
  title: string;
  columns: readonly string[];
  rows: string[][];
  /** The words about it. */
  note?: string;
}

const SCHEMES: Record<string, string> = {
  basic: 'A name and a password in base64, readable for everybody who sees them.',
  bearer: 'Whoever has this token is let in.',
  digest: 'A hash that proves the password without sending it.',
  negotiate: 'Kerberos or NTLM, as both sides agree.',
  ntlm: 'Windows’ older way to sign in, in three steps.',
  'aws4-hmac-sha256': 'A signature of AWS over the request: it holds for this request and a few minutes.',
  dpop: 'A token that is bound to a key: the field DPoP proves that the client has it.',
  hoba: 'A signature with a key that the server knows.',
  mutual: 'A password that both sides prove to know.',
  token: 'A token of the service’s own.',
  apikey: 'A key of the service’s own.',
};

/** The parts of the value of the field `name`; nothing where it is one value. */
export function tablesOf(name: string, value: string): FieldTable[] {
  const lower = name.toLowerCase();
  if (lower === 'cookie')
    return [{ title: 'Cookies', columns: ['name', 'value'], rows: pairs(value, /;\s*/) }, ...tokens(value)];
  if (lower === 'set-cookie') return [cookie(value), ...tokens(value)];
  if (lower === 'authorization' || lower === 'proxy-authorization') return [...credentials(value), ...tokens(value)];
  if (lower === 'cache-control' || lower === 'strict-transport-security' || lower === 'keep-alive') {
    return [{ title: 'Directives', columns: ['name', 'value'], rows: pairs(value, /\s*[,;]\s*/) }];
  }
  if (lower.startsWith('content-security-policy')) return [policy(value)];
  return tokens(value);
}

/** The parameters of an address, decoded. */
export function queryOf(target: string): string[][] {
  const [, query = ''] = /\?([^#]*)/.exec(target) ?? [];
  return query === '' ? [] : pairs(query, /&/).map((pair) => pair.map(decoded));
}

function pairs(text: string, separator: RegExp): string[][] {
  return text
    .split(separator)
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=');
      return at < 0 ? [part.trim(), ''] : [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    });
}

function cookie(value: string): FieldTable {
  const [first, ...attributes] = pairs(value, /;\s*/);
  const names = attributes.map(([name = '']) => name.toLowerCase());
  const lacks = ['secure', 'httponly', 'samesite'].filter((name) => !names.includes(name));
  const said: Record<string, string> = { secure: 'Secure', httponly: 'HttpOnly', samesite: 'SameSite' };
  return {
    title: 'Cookie',
    columns: ['name', 'value'],
    rows: [...(first === undefined ? [] : [first]), ...attributes],
    ...(lacks.length > 0 && { note: `Without ${lacks.map((name) => said[name]).join(', ')}.` }),
  };
}

function credentials(value: string): FieldTable[] {
  const [, scheme = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(value) ?? [];
  const note = SCHEMES[scheme.toLowerCase()] ?? 'A scheme that this page does not know.';
  const rows = [['scheme', scheme]];
  if (scheme.toLowerCase() === 'basic') {
    const text = fromBase64(rest);
    const at = text?.indexOf(':') ?? -1;
    if (text !== null && at >= 0) rows.push(['name', text.slice(0, at)], ['password', text.slice(at + 1)]);
  } else if (/^\w+=/.test(rest) && /,|Credential=/.test(rest)) {
    rows.push(...pairs(rest, /,\s*/).map(([name = '', text = '']) => [name, text.replace(/^"|"$/g, '')]));
  }
  return [{ title: 'Credentials', columns: ['part', 'value'], rows, note }];
}

function policy(value: string): FieldTable {
  const rows = value
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', ...sources] = part.split(/\s+/);
      return [name, sources.join(' ')];
    });
  return { title: 'Directives', columns: ['name', 'sources'], rows };
}

const JWT = /\beyJ[\w-]*\.(eyJ[\w-]*)\.(~[a-z.0-9-]+~|[\w-]*)/g;
/** Claims that are times, in seconds. */
const TIMES = ['exp', 'nbf', 'iat', 'auth_time', 'updated_at'];

/** The JSON Web Tokens in `text`, each as a table of its header and one of its claims. */
function tokens(text: string): FieldTable[] {
  return [...text.matchAll(JWT)].flatMap(([token, , signature = '']) => {
    const [header, claims] = token.split('.').map(membersOf);
    if (header == null || claims == null) return [];
    const note = signature.startsWith('~')
      ? 'The signature is redacted.'
      : 'The signature is not checked here: it takes the key of whoever issued it.';
    const row = ([name, value]: [string, unknown]) => [name, claimText(name, value)];
    return [
      { title: 'Header of the token', columns: ['name', 'value'], rows: header.map(row) },
      { title: 'Claims of the token', columns: ['name', 'value'], rows: claims.map(row), note },
    ];
  });
}

function claimText(name: string, value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (!TIMES.includes(name) || typeof value !== 'number') return text;
  const at = new Date(value * 1000);
  // Beyond what a date can be: milliseconds instead of seconds, or nonsense.
  return Number.isNaN(at.getTime()) ? text : `${text} (${moment(at.toISOString()).slice(0, 19)})`;
}

function membersOf(part: string): [string, unknown][] | null {
  const text = fromBase64(part.replaceAll('-', '+').replaceAll('_', '/'));
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? Object.entries(value) : null;
  } catch {
    return null;
  }
}

function fromBase64(text: string): string | null {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)));
  } catch {
    return null;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
