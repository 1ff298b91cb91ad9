// The lines of a text, broken where they are longer than the page is wide.
import { Numbers, type Bytes } from './bytes';

/** Lines that are not to be broken are broken here all the same. */
export const LONGEST = 4000;
const TAB_COLUMNS = 4;
/** The longest placeholder of redaction, which is not broken. */
const PLACEHOLDER = 96;

export interface TextRow {
  /** The number of its line; null where the line goes on. */
  number: number | null;
  text: string;
}

export class TextLines {
  readonly starts = new Numbers();
  /** Lines that have begun. */
  lines = 0;
  /** Numbers of the lines, 0 where one goes on. */
  readonly #numbers = new Numbers();
  readonly #bytes: Bytes;
  readonly #columns: number;
  #at = 0;
  #column = 0;

  constructor(bytes: Bytes, columns = LONGEST) {
    this.#bytes = bytes;
    this.#columns = Math.max(20, Math.min(columns, LONGEST));
    this.#begin(0, true);
  }

  get rows(): number {
    return this.starts.length;
  }

  /** Reads on in what has come. */
  read(): void {
    const { data, length } = this.#bytes;
    let at = this.#at;
    let column = this.#column;
    for (; at < length; at += 1) {
      const byte = data[at] ?? 0;
      if (byte === 10) {
        this.#begin(at + 1, true);
        column = 0;
      } else if ((byte & 0xc0) !== 0x80) {
        const width = byte === 9 ? TAB_COLUMNS : 1;
        if (column + width > this.#columns) {
          const start = this.#unbroken(at);
          this.#begin(start, false);
          column = at - start;
        }
        column += width;
      }
    }
    this.#at = at;
    this.#column = column;
  }

  row(row: number): TextRow {
    const from = this.starts.at(row);
    const until = row + 1 < this.rows ? this.starts.at(row + 1) : this.#bytes.length;
    const number = this.#numbers.at(row);
    return { number: number === 0 ? null : number, text: this.#bytes.text(from, until).replace(/\r?\n$/, '') };
  }

  get(first: number, end: number): TextRow[] {
    const rows: TextRow[] = [];
    for (let row = first; row < Math.min(end, this.rows); row += 1) rows.push(this.row(row));
    return rows;
  }

  #begin(start: number, isLine: boolean): void {
    this.starts.push(start);
    if (isLine) this.lines += 1;
    this.#numbers.push(isLine ? this.lines : 0);
  }

  /** Where to break before `at`, so that no placeholder is broken. */
  #unbroken(at: number): number {
    const start = Math.max(this.starts.at(this.rows - 1) + 1, at - PLACEHOLDER);
    const { data } = this.#bytes;
    for (let back = at - 1; back >= start; back -= 1) {
      if (data[back] !== 126) continue;
      return /^~(sealed|pseudonym|masked)\.[a-z0-9.-]*$/.test(this.#bytes.text(back, at)) ? back : at;
    }
    return at;
  }
}
