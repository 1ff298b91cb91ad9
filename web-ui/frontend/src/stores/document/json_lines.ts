// The lines of a JSON document, read from its bytes when they are shown.
import { member } from '../../format/json_paths';
import type { Bytes } from './bytes';
import type { Folds } from './folds';
import { ARRAY, CLOSE, EMPTY_ARRAY, EMPTY_OBJECT, type JsonIndex, NUMBER, OBJECT, STRING } from './json_index';

/** A longer value is shown by its beginning. */
const SHOWN = 2000;
/** Of what is folded this much is shown. */
const PREVIEW = 160;
/** A longer value is not copied. */
const MOST_COPIED = 16 * 1024 * 1024;
const KINDS = ['open', 'open', 'close', 'string', 'number', 'word', 'empty', 'empty'] as const;

export interface JsonRow {
  /** Its number in the document, whatever is folded. */
  line: number;
  depth: number;
  kind: (typeof KINDS)[number];
  /** A member's name, with its quotes. */
  name: string | null;
  /** The value, or the beginning of it. */
  text: string;
  /** Bytes of the value that are not in `text`. */
  more: number;
  /** Null where there is nothing to fold. */
  folded: boolean | null;
  /** How many members or elements are folded. */
  members: number | null;
  comma: boolean;
}

export class JsonLines {
  constructor(
    readonly bytes: Bytes,
    readonly index: JsonIndex,
    readonly folds: Folds,
  ) {}

  rows(first: number, end: number): JsonRow[] {
    const rows: JsonRow[] = [];
    for (let row = first; row < Math.min(end, this.folds.rows); row += 1) rows.push(this.#row(this.folds.lineOf(row)));
    return rows;
  }

  /** The path to the value of `line`: `$.items[3].name`. */
  path(line: number): string {
    const { index } = this;
    const at = index.kind(line) === CLOSE ? index.matches.at(line) : line;
    const steps = [at, ...this.folds.parents(at)].map((one) => this.#step(one));
    return `$${steps.reverse().join('')}`;
  }

  /** The value of `line` as it stands in the document; null if it is too long. */
  value(line: number): string | null {
    const { index } = this;
    const at = index.kind(line) === CLOSE ? index.matches.at(line) : line;
    const [from, until] = [this.#valueStart(at), this.#valueEnd(at)];
    return until - from > MOST_COPIED ? null : this.bytes.text(from, until);
  }

  #row(line: number): JsonRow {
    const { index, folds } = this;
    const kind = index.kind(line);
    const folded = kind <= ARRAY ? folds.isFolded(line) : null;
    const from = this.#valueStart(line);
    const until = kind <= ARRAY && folded !== true ? from + 1 : this.#valueEnd(line);
    const shown = Math.min(until, from + (folded === true ? PREVIEW : SHOWN));
    const text = this.bytes.text(from, shown);
    return {
      line,
      depth: index.depth(line),
      kind: KINDS[kind] ?? 'word',
      name: index.isNamed(line) ? this.bytes.text(index.offsets.at(line), this.#nameEnd(line)) : null,
      text: folded === true ? text.replace(/\s+/g, ' ') : text.replace(/[\ufffd]+$/, ''),
      more: until - shown,
      folded,
      members: folded === true ? this.#members(line) : null,
      comma: folded !== false && this.#hasNext(line),
    };
  }

  /** Tells if a sibling comes after `line` with all that is in it. */
  #hasNext(line: number): boolean {
    const { index } = this;
    const next = (index.opens(line) ? index.end(line) : line) + 1;
    return index.depth(line) > 0 && next < index.count && index.kind(next) !== CLOSE;
  }

  #members(line: number): number {
    const { index } = this;
    const end = index.end(line);
    let members = 0;
    for (let at = line + 1; at < end; at += 1) {
      if (index.opens(at)) at = index.end(at);
      members += 1;
    }
    return members;
  }

  #step(line: number): string {
    const { index } = this;
    if (index.isNamed(line)) {
      const name: unknown = parsed(this.bytes.text(index.offsets.at(line), this.#nameEnd(line)));
      return member(typeof name === 'string' ? name : '');
    }
    // Of several documents the number is the first step.
    if (index.depth(line) === 0 && index.roots < 2) return '';
    let before = 0;
    let at = line - 1;
    while (at >= 0 && index.depth(at) >= index.depth(line)) {
      if (index.kind(at) === CLOSE) at = index.matches.at(at);
      before += 1;
      at -= 1;
    }
    return `[${before}]`;
  }

  #nameEnd(line: number): number {
    return stringEnd(this.bytes, this.index.offsets.at(line));
  }

  #valueStart(line: number): number {
    const { index, bytes } = this;
    if (!index.isNamed(line)) return index.offsets.at(line);
    let at = this.#nameEnd(line);
    while (isSpace(bytes.data[at]) || bytes.data[at] === COLON) at += 1;
    return at;
  }

  #valueEnd(line: number): number {
    const { index, bytes } = this;
    const kind = index.kind(line);
    if (kind === CLOSE) return index.offsets.at(line) + 1;
    if (kind === OBJECT || kind === ARRAY) {
      const end = index.matches.at(line);
      return end === 0 ? bytes.length : index.offsets.at(end) + 1;
    }
    const from = this.#valueStart(line);
    if (kind === STRING) return stringEnd(bytes, from);
    let at = from + 1;
    if (kind === EMPTY_OBJECT || kind === EMPTY_ARRAY) {
      while (isSpace(bytes.data[at])) at += 1;
      return at + 1;
    }
    const isPart = (byte: number) => byte > 32 && byte !== COMMA && byte !== 93 && byte !== 125;
    while (at < bytes.length && isPart(bytes.data[at] ?? 0)) at += 1;
    return at;
  }
}

/** The kinds of values that can be redacted. */
export const isValue = (kind: JsonRow['kind']) => kind === KINDS[STRING] || kind === KINDS[NUMBER];

const [COMMA, COLON, QUOTE, BACKSLASH] = [44, 58, 34, 92];

const isSpace = (byte: number | undefined) => byte === 32 || byte === 9 || byte === 10 || byte === 13;

function stringEnd(bytes: Bytes, start: number): number {
  const { data, length } = bytes;
  for (let at = start + 1; at < length; at += 1) {
    if (data[at] === BACKSLASH) at += 1;
    else if (data[at] === QUOTE) return at + 1;
  }
  return length;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
