// Conditions of a filter that a value makes, and how they come into the filter.
import type { Connection, Direction, Exchange } from '../../api/types';
import * as terms from '../../texts/terms';
import * as texts from '../../texts/filter';

/** A value of an exchange, as something to filter by. */
export interface Term {
  /** Name of the value, for people. */
  label: string;
  /** The value, for people. */
  value: string;
  /** The condition that is true for that value: `host:=api.example.com`. */
  text: string;
}

/** Signs that stand for themselves behind `=`. */
const PLAIN = /^[\w.:/@+%~;?&=*-]+$/;
const ESCAPES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\f': '\\f' };

function quoted(text: string): string {
  return `"${text.replace(/["\\\n\r\t\f]/g, (sign) => ESCAPES[sign] ?? `\\${sign}`)}"`;
}

/** `text` in quotes, where it needs them. */
function written(text: string): string {
  return PLAIN.test(text) ? text : quoted(text);
}

/** The condition that the header `name` has the value `value`. */
export function headerTerm(direction: Direction, name: string, value: string): string {
  const side = direction === 'request' ? 'req' : 'res';
  const lower = name.toLowerCase();
  return `${side}.header.${/^[\w-]+$/.test(lower) ? lower : quoted(lower)}:=${written(value)}`;
}

/** An address without its port: `10.0.0.7:5000`, `[::1]:5000`. */
function withoutPort(address: string): string {
  return address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

/** The trace id of a `traceparent` (W3C Trace Context), if it has one. */
export function traceOf(exchange: Exchange): string | null {
  const field = exchange.request.headers.find(([name = '']) => name.toLowerCase() === 'traceparent');
  return /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(field?.[1] ?? '')?.[1] ?? null;
}

export const clientTerm = (client: string) => `client:${withoutPort(client)}`;
export const connectionTerm = (id: number) => `conn:${id}`;
export const statusTerm = (status: number) => `status:${status}`;
/** The condition that a redacted value stands in an exchange: `id` names it, wherever it is. */
export const sameValueTerm = (id: string) => `url:${id} | header:${id} | body:${id}`;
export const pathTerm = (target: string) => `path:=${written(target.split('?')[0] ?? '')}`;
export const exactTerm = (
  field: 'host' | 'method' | 'program' | 'sni' | 'listener' | 'rule' | 'tag' | 'gql.operation',
  value: string,
) => `${field}:=${written(value)}`;

/** A path with `{id}` for ids in it, as a pattern. */
const patternOf = (path: string) => path.replace(/[\\\s,()|*"']/g, (sign) => `\\${sign}`).replaceAll('{id}', '*');

/** The condition for a path as figures have it, with `{id}` for ids in it. */
export const foldedPathTerm = (path: string) => (path.includes('{id}') ? `path:${patternOf(path)}` : pathTerm(path));

/** The condition for such a path and all below it. */
export const subtreeTerm = (path: string) =>
  path.endsWith('{id}') ? foldedPathTerm(path) : `${foldedPathTerm(path)},${patternOf(path)}/*`;

/** The condition for a content type without parameters. */
export const typeTerm = (type: string) => `type:${PLAIN.test(type) ? type : written(type)}`;

const STEPS = /\.([\p{L}\p{N}_$@:/~+-]+)|\[(\d+)\]|\['([^']*)'\]|\["(.*?)"\]/gu;

/**
 * The condition for a value of a JSON body: `path` leads to it (`$.items[0].sku`), `text` is how it stands there. Null
 * for objects and lists, for what is long, and for the whole body.
 */
export function jsonTerm(path: string, text: string): string | null {
  if (/^[{[]/.test(text) || text.length > 200) return null;
  const steps = [...path.matchAll(STEPS)].map((match) => match.slice(1).find((step) => step !== undefined) ?? '');
  if (steps.length === 0) return null;
  const names = steps.map((step) => (/^[\w-]+$/.test(step) ? step : quoted(step)));
  const value: unknown = text.startsWith('"') ? JSON.parse(text) : null;
  return `json.${names.join('.')}:${typeof value === 'string' ? `=${written(value)}` : text}`;
}

/** The values of `exchange` that people filter by; `connection` is the client's, if it is known. */
export function termsOf(exchange: Exchange, connection: Connection | null): Term[] {
  const found: Term[] = [];
  const put = <T>(label: string, value: T | null | undefined, text: (value: T) => string, shown = String(value)) => {
    if (value != null) found.push({ label, value: shown, text: text(value) });
  };
  const path = exchange.target.startsWith('/') ? exchange.target : null;
  const type = exchange.content_type?.split(';')[0]?.trim();
  put(terms.host, exchange.host, (host) => exactTerm('host', host));
  put(terms.path, path, pathTerm, path?.split('?')[0]);
  put(terms.method, exchange.method, (method) => exactTerm('method', method));
  put(terms.status, exchange.status, statusTerm);
  put(
    terms.failure,
    exchange.failure && `${exchange.failure.side}/${exchange.failure.stage}`,
    (fail) => `fail:${fail}`,
  );
  put(terms.type, type === '' ? null : type, typeTerm);
  put(terms.program, exchange.program, (program) => exactTerm('program', program));
  put(terms.client, connection?.client, clientTerm, withoutPort(connection?.client ?? ''));
  put(terms.connection, exchange.connection, connectionTerm, `#${exchange.connection}`);
  put(terms.rule, exchange.rule, (rule) => exactTerm('rule', rule));
  put(texts.trace, traceOf(exchange), (trace) => `trace:${trace}`);
  return found;
}

/** Words of `filter` that are conditions on their own: no part of parentheses, an "or" or a negation written apart. */
function ownWords(filter: string): { text: string; start: number }[] {
  const found = [...filter.matchAll(/(?:"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|[^\s"'])+/g)];
  const joins = (word: string | undefined) =>
    word !== undefined && /^(?:[|&!-]+|or|and|not|~[a-z]+)$/i.test(word.toLowerCase());
  let depth = 0;
  return found.flatMap((match, index) => {
    const [text] = match;
    const bare = text.replace(/"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?/g, '');
    const before = depth;
    depth += (bare.match(/\(/g)?.length ?? 0) - (bare.match(/\)/g)?.length ?? 0);
    const [last, next] = [found[index - 1]?.[0], found[index + 1]?.[0]];
    const isPart = joins(last) || last?.endsWith('|') === true || (joins(next) && !/^(?:[!-]|not|~)/i.test(next ?? ''));
    return before > 0 || isPart || next?.startsWith('|') === true ? [] : [{ text, start: match.index }];
  });
}

/** True if one of the own conditions of `filter` is about what `start` begins with: `type:`. */
export const isAbout = (filter: string, start: string) =>
  ownWords(filter).some(({ text }) => text.replace(/^[-!(]+/, '').startsWith(start));

/** How `filter` has the condition `term`: wanted, excluded, or not on its own. */
export function standing(filter: string, term: string): 'wanted' | 'excluded' | null {
  const words = ownWords(filter).map(({ text }) => text);
  if (words.includes(term)) return 'wanted';
  return words.some((word) => word === `-${term}` || word === `!${term}`) ? 'excluded' : null;
}

/** `filter` without those of its own conditions that are `unwanted`. */
export function withoutTerms(filter: string, unwanted: (word: string) => boolean): string {
  const words = ownWords(filter).filter(({ text }) => unwanted(text));
  if (words.length === 0) return filter.trim();
  return words
    .reduceRight((text, word) => `${text.slice(0, word.start)}${text.slice(word.start + word.text.length)}`, filter)
    .trim()
    .replace(/ {2,}(?=(?:[^"]*"[^"]*")*[^"]*$)/g, ' ');
}

/** `filter` with the condition `term`, or with what it excludes; without either if it had just that. */
export function toggled(filter: string, term: string, excluding: boolean): string {
  const before = standing(filter, term);
  const rest = withoutTerms(filter, (word) => [term, `-${term}`, `!${term}`].includes(word));
  if (before === (excluding ? 'excluded' : 'wanted')) return rest;
  return `${rest} ${excluding ? '-' : ''}${term}`.trim();
}
