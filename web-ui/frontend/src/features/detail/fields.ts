// Header fields taken apart: cookies, credentials, tokens, and the parameters of an address.
import { moment } from '../../format/time';
import * as texts from '../../texts/fields';
import * as terms from '../../texts/terms';

/** A part of a field's value as a table. */
export interface FieldTable {
  title: string;
  columns: readonly string[];
  rows: string[][];
  /** The words about it. */
  note?: string;
}

/** The parts of the value of the field `name`; nothing where it is one value. */
export function tablesOf(name: string, value: string): FieldTable[] {
  const lower = name.toLowerCase();
  if (lower === 'cookie')
    return [{ title: texts.cookies, columns: [texts.name, texts.value], rows: pairs(value, /;\s*/) }, ...tokens(value)];
  if (lower === 'set-cookie') return [cookie(value), ...tokens(value)];
  if (lower === 'authorization' || lower === 'proxy-authorization') return [...credentials(value), ...tokens(value)];
  if (lower === 'cache-control' || lower === 'strict-transport-security' || lower === 'keep-alive') {
    return [{ title: texts.directives, columns: [texts.name, texts.value], rows: pairs(value, /\s*[,;]\s*/) }];
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
  const said: Record<string, string> = { secure: texts.secure, httponly: texts.httpOnly, samesite: texts.sameSite };
  return {
    title: terms.cookie,
    columns: [texts.name, texts.value],
    rows: [...(first === undefined ? [] : [first]), ...attributes],
    ...(lacks.length > 0 && { note: texts.without(lacks.map((name) => said[name]).join(', ')) }),
  };
}

function credentials(value: string): FieldTable[] {
  const [, scheme = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(value) ?? [];
  const note = texts.schemes[scheme.toLowerCase()] ?? texts.unknownScheme;
  const rows = [[texts.scheme, scheme]];
  if (scheme.toLowerCase() === 'basic') {
    const text = fromBase64(rest);
    const at = text?.indexOf(':') ?? -1;
    if (text !== null && at >= 0) rows.push([texts.name, text.slice(0, at)], [texts.password, text.slice(at + 1)]);
  } else if (/^\w+=/.test(rest) && /,|Credential=/.test(rest)) {
    rows.push(...pairs(rest, /,\s*/).map(([name = '', text = '']) => [name, text.replace(/^"|"$/g, '')]));
  }
  return [{ title: texts.credentials, columns: [texts.part, texts.value], rows, note }];
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
  return { title: texts.directives, columns: [texts.name, texts.sources], rows };
}

const JWT = /\beyJ[\w-]*\.(eyJ[\w-]*)\.(~[a-z.0-9-]+~|[\w-]*)/g;
/** Claims that are times, in seconds. */
const TIMES = ['exp', 'nbf', 'iat', 'auth_time', 'updated_at'];

/** The JSON Web Tokens in `text`, each as a table of its header and one of its claims. */
function tokens(text: string): FieldTable[] {
  return [...text.matchAll(JWT)].flatMap(([token, , signature = '']) => {
    const [header, claims] = token.split('.').map(membersOf);
    if (header == null || claims == null) return [];
    const note = signature.startsWith('~') ? texts.signatureRedacted : texts.signatureUnchecked;
    const row = ([name, value]: [string, unknown]) => [name, claimText(name, value)];
    return [
      { title: texts.tokenHeader, columns: [texts.name, texts.value], rows: header.map(row) },
      { title: texts.tokenClaims, columns: [texts.name, texts.value], rows: claims.map(row), note },
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
