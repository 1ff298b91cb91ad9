// A HAR file, read in the browser: what is broken in it is said in plain words, and what is missing is left empty.
import * as texts from '../../texts/har';

/** A line of the list. */
export interface Row {
  /** Its number in the file, from 1. */
  id: number;
  method: string;
  url: string;
  host: string;
  path: string;
  /** Zero where no response came. */
  status: number;
  type: string;
  /** Of the response's body, in bytes; null where it is not known. */
  size: number | null;
  /** In microseconds; null where it is not known. */
  duration: number | null;
  started: string;
}

/** Heads and bodies of an exchange of the file. */
export interface Entry {
  row: Row;
  request: Side;
  response: Side & { reason: string };
}

export interface Side {
  /** "HTTP/2 200 OK". */
  line: string;
  /** "HTTP/2"; empty if the file does not say it. */
  version: string;
  headers: [string, string][];
  type: string;
  /** Null if there is none, or it is no text. */
  body: string | null;
  /** The body in Base64, where it is no text. */
  base64: string | null;
  /** Bytes of the body that the file has. */
  stored: number;
  /** Bytes of the body as it passed; null where that is not known. */
  size: number | null;
  /** Remarks about the body. */
  note: string | null;
}

/** A file that was read. */
export interface Har {
  /** The program that wrote it. */
  creator: string;
  rows: Row[];
  entry: (index: number) => Entry | null;
}

/** Why a file can't be read, for people. */
export class HarFault extends Error {}

/** The most exchanges of a file. */
export const MOST_ENTRIES = 200_000;
/** The most characters of a body that are shown. */
const LONGEST_BODY = 2_000_000;

type Fields = Record<string, unknown>;

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const text = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
const number = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);
const positive = (value: unknown): number | null => {
  const found = number(value);
  return found === null || found < 0 ? null : found;
};

/** Reads a file's text. */
export function readHar(json: string): Har {
  let whole: unknown;
  try {
    whole = JSON.parse(json);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new HarFault(texts.noJson(why));
  }
  const { log } = fields(whole);
  const { entries, creator } = fields(log);
  if (!Array.isArray(entries)) {
    throw new HarFault(texts.noHar);
  }
  if (entries.length > MOST_ENTRIES) {
    throw new HarFault(texts.tooMany(entries.length, MOST_ENTRIES));
  }
  const all: unknown[] = entries;
  const { name, version } = fields(creator);
  return {
    creator: [text(name), text(version)].filter((part) => part !== '').join(' '),
    rows: all.map(rowOf),
    entry: (index) => (index in all ? entryOf(all[index], index) : null),
  };
}

function rowOf(entry: unknown, index: number): Row {
  const { request, response, time, startedDateTime } = fields(entry);
  const { method, url } = fields(request);
  const { status, content, bodySize } = fields(response);
  const { mimeType, size } = fields(content);
  const address = text(url);
  const parsed = URL.canParse(address) ? new URL(address) : null;
  const duration = positive(time);
  return {
    id: index + 1,
    method: text(method),
    url: address,
    host: parsed?.host ?? '',
    path: parsed === null ? address : `${parsed.pathname}${parsed.search}`,
    status: number(status) ?? 0,
    type: text(mimeType),
    size: positive(size) ?? positive(bodySize),
    duration: duration === null ? null : Math.round(duration * 1000),
    started: text(startedDateTime),
  };
}

function entryOf(entry: unknown, index: number): Entry {
  const { request, response } = fields(entry);
  const [asked, answered] = [fields(request), fields(response)];
  const { postData } = asked;
  const { text: sent, mimeType, params, encoding } = fields(postData);
  const form =
    Array.isArray(params) && text(sent) === ''
      ? params
          .map(pairOf)
          .map(([n, v]) => `${n}=${v}`)
          .join('&')
      : text(sent);
  const content = fields(answered.content);
  // Zero stands for a body from a cache, too.
  const passed = positive(answered.bodySize) || positive(content.size);
  const line = `${text(answered.httpVersion)} ${text(answered.status)} ${text(answered.statusText)}`;
  return {
    row: rowOf(entry, index),
    request: {
      line: `${text(asked.method)} ${text(asked.url)} ${text(asked.httpVersion)}`.trim(),
      version: text(asked.httpVersion),
      headers: headersOf(asked.headers),
      type: text(mimeType),
      ...bodyOf(form, text(encoding), positive(asked.bodySize)),
    },
    response: {
      line: number(answered.status) ? line.trim() : texts.responseMissing,
      version: text(answered.httpVersion),
      reason: text(answered.statusText),
      headers: headersOf(answered.headers),
      type: text(content.mimeType),
      ...bodyOf(text(content.text), text(content.encoding), passed),
    },
  };
}

const pairOf = (value: unknown): [string, string] => {
  const { name, value: content } = fields(value);
  return [text(name), text(content)];
};

const headersOf = (value: unknown): [string, string][] => (Array.isArray(value) ? value.map(pairOf) : []);

type BodyOfSide = Pick<Side, 'body' | 'base64' | 'stored' | 'size' | 'note'>;

/** A body as a text. `said` is its size, as far as the file says it. */
function bodyOf(body: string, encoding: string, said: number | null): BodyOfSide {
  if (body === '') return { body: null, base64: null, stored: 0, size: said, note: said ? texts.bodyMissing : null };
  const found = encoding.toLowerCase() === 'base64' ? decoded(body) : body;
  const stored = found === null ? decodedLength(body) : new TextEncoder().encode(found).length;
  const size = said || stored;
  if (found === null) return { body: null, base64: body, stored, size, note: texts.bodyNotText };
  if (found.length <= LONGEST_BODY) return { body: found, base64: null, stored, size, note: null };
  const note = texts.onlyFirstCharacters(LONGEST_BODY);
  return { body: found.slice(0, LONGEST_BODY), base64: null, stored, size, note };
}

/** How many bytes stand in Base64: each sign has six bits of them. */
const decodedLength = (base64: string) => Math.floor((base64.replaceAll(/[^\w+/-]/g, '').length * 3) / 4);

/** Base64 as a text of UTF-8; null if it is none. */
function decoded(base64: string): string | null {
  try {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The rows that have all words of `query`. */
export function matching(rows: readonly Row[], query: string): readonly Row[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return rows;
  return rows.filter(({ method, url, status, type }) => {
    const hay = `${method} ${url} ${status} ${type}`.toLowerCase();
    return words.every((word) => hay.includes(word));
  });
}
