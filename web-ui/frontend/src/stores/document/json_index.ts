// The lines of a JSON document as one would indent it, found while its bytes come: a few numbers a line, and no values.
import { Numbers } from './bytes';

/** The kinds of lines. */
export const OBJECT = 0;
export const ARRAY = 1;
export const CLOSE = 2;
export const STRING = 3;
export const NUMBER = 4;
export const WORD = 5;
export const EMPTY_OBJECT = 6;
export const EMPTY_ARRAY = 7;
/** In addition: the line begins with a member's name. */
const NAMED = 8;
const KIND = 7;
const DEPTH_SHIFT = 4;

/** Brackets within brackets beyond this are no document for a person. */
const DEEPEST = 20_000;

const [VALUE, FIRST_ITEM, FIRST_NAME, NAME, COLON, AFTER] = [0, 1, 2, 3, 4, 5];
const [TAB, LF, CR, RS, SPACE, QUOTE, COMMA, MINUS, COLON_SIGN, BACKSLASH] = [9, 10, 13, 30, 32, 34, 44, 45, 58, 92];
const [OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [91, 93, 123, 125];
const WORDS = ['true', 'false', 'null'];
const NUMBER_TEXT = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** A prefix that some servers put before JSON, so that it is no script. */
const XSSI = ")]}'";

export class JsonIndex {
  /** Where each line begins: at its name, if it has one. */
  readonly offsets = new Numbers();
  /** Of a line that opens or closes: the other one. 0 while the end has not come. */
  readonly matches = new Numbers();
  /** Where it is no JSON any more. */
  error: number | null = null;
  /** Documents that have ended: lines of NDJSON, or one. */
  roots = 0;
  readonly #shapes = new Numbers();
  readonly #open: number[] = [];
  #expect = VALUE;
  #at = 0;
  /** How far an unfinished string was looked through. */
  #within = 0;
  /** Where the name of the value to come begins; -1 for none. */
  #name = -1;

  get count(): number {
    return this.offsets.length;
  }

  kind(line: number): number {
    return this.#shapes.at(line) & KIND;
  }

  isNamed(line: number): boolean {
    return (this.#shapes.at(line) & NAMED) !== 0;
  }

  depth(line: number): number {
    return this.#shapes.at(line) >>> DEPTH_SHIFT;
  }

  opens(line: number): boolean {
    return this.kind(line) <= ARRAY;
  }

  /** The line that ends what `line` opens; the last one while that has not come. */
  end(line: number): number {
    return this.matches.at(line) || this.count - 1;
  }

  /** Reads on in `data`, of which `length` bytes have come; all of it if it has `ended`. */
  read(data: Uint8Array, length: number, ended: boolean): void {
    if (this.#at === 0 && !this.#skipPrefix(data, length, ended)) return;
    while (this.error === null && this.#at < length) {
      const byte = data[this.#at] ?? 0;
      if (byte === SPACE || byte === LF || byte === CR || byte === TAB || byte === RS) this.#at += 1;
      else if (!this.#token(data, length, ended, byte)) return;
    }
  }

  /** False if more has to come first. */
  #skipPrefix(data: Uint8Array, length: number, ended: boolean): boolean {
    if (length < XSSI.length && !ended) return false;
    const starts = (text: string) => [...text].every((sign, n) => data[n] === sign.charCodeAt(0));
    if (data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf) this.#at = 3;
    else if (starts(XSSI)) this.#at = XSSI.length + (data[XSSI.length] === COMMA ? 1 : 0);
    return true;
  }

  /** Takes one token; false if its end has not come. */
  #token(data: Uint8Array, length: number, ended: boolean, byte: number): boolean {
    const start = this.#at;
    if (byte === QUOTE) return this.#string(data, length);
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) return this.#opened(start, byte);
    if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) return this.#closed(start, byte);
    if (byte === COMMA && this.#expect === AFTER && this.#open.length > 0) {
      this.#expect = this.kind(this.#open[this.#open.length - 1] ?? 0) === OBJECT ? NAME : VALUE;
    } else if (byte === COLON_SIGN && this.#expect === COLON) {
      this.#expect = VALUE;
    } else {
      return this.#bare(data, length, ended, byte);
    }
    this.#at += 1;
    return true;
  }

  #string(data: Uint8Array, length: number): boolean {
    const start = this.#at;
    let at = Math.max(start + 1, this.#within);
    for (; at < length; at += 1) {
      const byte = data[at];
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) break;
    }
    this.#within = at;
    if (at >= length) return false;
    this.#within = 0;
    this.#at = at + 1;
    if (this.#expect === NAME || this.#expect === FIRST_NAME) {
      this.#name = start;
      this.#expect = COLON;
      return true;
    }
    return this.#value(start, STRING);
  }

  #bare(data: Uint8Array, length: number, ended: boolean, byte: number): boolean {
    const start = this.#at;
    let at = start;
    const isPart = (one: number) =>
      (one >= 48 && one <= 57) || one === MINUS || one === 43 || one === 46 || (one >= 65 && one <= 90) || one >= 97;
    while (
      at < length &&
      at - start < 1000 &&
      isPart(data[at] ?? 0) &&
      data[at] !== OPEN_BRACE &&
      data[at] !== CLOSE_BRACE
    )
      at += 1;
    if (at === length && !ended) return false;
    const text = String.fromCharCode(...data.subarray(start, at));
    const isNumber = byte === MINUS || (byte >= 48 && byte <= 57);
    if (isNumber ? !NUMBER_TEXT.test(text) : !WORDS.includes(text)) return this.#fail(start);
    this.#at = at;
    return this.#value(start, isNumber ? NUMBER : WORD);
  }

  #opened(start: number, byte: number): boolean {
    if (this.#open.length >= DEEPEST) return this.#fail(start);
    const line = this.count;
    const isObject = byte === OPEN_BRACE;
    if (!this.#value(start, isObject ? OBJECT : ARRAY)) return false;
    this.#open.push(line);
    this.#expect = isObject ? FIRST_NAME : FIRST_ITEM;
    this.#at = start + 1;
    return true;
  }

  #closed(start: number, byte: number): boolean {
    const line = this.#open.at(-1);
    const isObject = byte === CLOSE_BRACE;
    const isFirst = this.#expect === (isObject ? FIRST_NAME : FIRST_ITEM);
    if (line === undefined || (this.kind(line) === OBJECT) !== isObject || !(isFirst || this.#expect === AFTER)) {
      return this.#fail(start);
    }
    this.#open.pop();
    if (isFirst) {
      const empty = isObject ? EMPTY_OBJECT : EMPTY_ARRAY;
      this.#shapes.set(line, (this.#shapes.at(line) & ~KIND) | empty);
    } else {
      this.matches.set(line, this.count);
      this.#push(start, CLOSE, line);
    }
    this.#at = start + 1;
    this.#ended();
    return true;
  }

  #value(start: number, kind: number): boolean {
    if (this.#expect !== VALUE && this.#expect !== FIRST_ITEM) return this.#fail(start);
    const named = this.#name >= 0;
    this.#push(named ? this.#name : start, kind | (named ? NAMED : 0), 0);
    this.#name = -1;
    if (kind > ARRAY) this.#ended();
    return true;
  }

  #push(offset: number, shape: number, match: number): void {
    this.offsets.push(offset);
    this.#shapes.push(shape | (this.#open.length << DEPTH_SHIFT));
    this.matches.push(match);
  }

  /** A value has ended. */
  #ended(): void {
    const isRoot = this.#open.length === 0;
    if (isRoot) this.roots += 1;
    this.#expect = isRoot ? VALUE : AFTER;
  }

  #fail(at: number): false {
    this.error = at;
    return false;
  }
}
