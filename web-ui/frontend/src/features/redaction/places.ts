// The values of an exchange that can be redacted, each with the rule that finds it again.
import type { Direction, Exchange, Headers, RedactionRule } from '../../api/types';
import { tokenize } from '../../format/json';
import { everyElement, jsonValues } from '../../format/json_paths';
import { looksLikeJson } from '../../format/media';
import { isReplaced } from '../../format/placeholders';
import * as terms from '../../texts/terms';
import * as texts from '../../texts/redaction_dialogs';

/** More values of a body than this are not listed. */
const MOST = 2000;
/** Longer bodies are not taken apart. */
const LONGEST = 2_000_000;

/** Parts of an exchange for which rules can be. */
export type Part = Direction | 'message';

export interface ValuePlace {
  /** Names it among those of its part: "header authorization", "json $.password". */
  key: string;
  /** The kind of place, for people. */
  group: string;
  name: string;
  value: string;
  /** Finds this value in this exchange. */
  rule: RedactionRule;
}

/** The places in a head and a body of `exchange`; `text` is the body's, if it is known. */
export function placesOf(exchange: Exchange, direction: Direction, text: string | null): ValuePlace[] {
  const head = direction === 'request' ? exchange.request : exchange.response;
  const headers = head?.headers ?? [];
  const type = valueOf(headers, 'content-type');
  const all = [
    ...(direction === 'request' ? queryPlaces(exchange.request.target) : []),
    ...headerPlaces(headers, direction),
    ...(text === null ? [] : bodyPlaces(text, type, direction)),
  ];
  return unique(all);
}

/** The places in the text of a message. */
export const placesOfText = (text: string): ValuePlace[] => unique(bodyPlaces(text, '', 'message'));

/** `rule` for other exchanges than the one that it was made for: any element of a list, for `host` alone or all. */
export function generalized(rule: RedactionRule, host: string | null): RedactionRule {
  const json = rule.json == null ? {} : { json: everyElement(rule.json) };
  return { ...rule, ...json, ...(host === null ? {} : { host }) };
}

function headerPlaces(headers: Headers, on: Direction): ValuePlace[] {
  return headers.flatMap(([name = '', value = '']) => {
    const lower = name.toLowerCase();
    if (lower.startsWith(':')) return [];
    const header = place(texts.header, name, value, { header: lower, on });
    const cookies =
      lower === 'cookie' ? value.split(/;\s*/) : lower === 'set-cookie' ? [value.split(';')[0] ?? ''] : [];
    return [header, ...pairs(cookies).map(([key, of]) => place(terms.cookie, key, of, { cookie: key, on }))];
  });
}

function queryPlaces(target: string): ValuePlace[] {
  const [, query = ''] = /\?([^#]*)/.exec(target) ?? [];
  return pairs(query.split('&')).map(([name, value]) => {
    const decoded = decode(name);
    return place(terms.queryParameter, decoded, decode(value), { query: decoded, on: 'request' });
  });
}

function bodyPlaces(text: string, type: string, on: Part): ValuePlace[] {
  if (text.length > LONGEST) return [];
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) {
    return pairs(text.trim().split('&')).map(([name, value]) => {
      const decoded = decode(name);
      return place(texts.formField, decoded, decode(value), { form: decoded, on });
    });
  }
  const tokens = looksLikeJson(type, text) ? tokenize(text) : null;
  return jsonValues(tokens ?? [], MOST)
    .filter(({ path, text: value }) => path !== '$' && /^["\d-]/.test(value))
    .map(({ path, text: value }) => place(texts.jsonValue, path, value.replace(/^"|"$/g, ''), { json: path, on }));
}

function place(group: ValuePlace['group'], name: string, value: string, rule: RedactionRule): ValuePlace {
  return { key: keyOf(rule), group, name, value, rule };
}

/** Names the place that `rule` is about. */
function keyOf({ header, cookie, query, form, json }: RedactionRule): string {
  const found = Object.entries({ header, cookie, query, form, json }).find(([, name]) => name != null);
  return found === undefined ? '' : found.join(' ');
}

/** Names and values that are worth a rule: an empty value, or one that is replaced already, is not. */
function unique(places: ValuePlace[]): ValuePlace[] {
  const seen = new Set<string>();
  return places.filter(({ key, value }) => {
    if (value === '' || isReplaced(value) || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function pairs(texts: readonly string[]): [string, string][] {
  return texts.flatMap((text): [string, string][] => {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text.trim()) ?? [];
    return name === '' ? [] : [[name, value]];
  });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '));
  } catch {
    return text;
  }
}

function valueOf(headers: Headers, wanted: string): string {
  return headers.find(([name = '']) => name.toLowerCase() === wanted)?.[1] ?? '';
}
