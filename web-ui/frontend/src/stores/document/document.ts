// A body in the worker: its bytes, and what is asked about them. Everything here works while they come.
import { Bytes } from './bytes';
import { Folds } from './folds';
import { JsonIndex } from './json_index';
import { JsonLines, type JsonRow } from './json_lines';
import { Matches } from './matches';
import { TextLines, type TextRow } from './text_lines';

/** Bytes in a row of hex. */
export const HEX_ROW = 16;

/** The ways in which a body is cut into rows. */
export type Rows = 'json' | 'text' | 'hex';

/** The page's knowledge of the document. */
export interface State {
  bytes: number;
  /** All has come. */
  done: boolean;
  /** More has come than is kept. */
  cut: boolean;
  rows: Record<Rows, number>;
  /** Lines of the text. */
  lines: number;
  /** Documents in the JSON, and where it is none any more. */
  roots: number;
  notJson: number | null;
  /** The text that is searched for; "" for nothing. Its occurrences, so far. */
  query: string;
  found: number;
  foundCut: boolean;
  searching: boolean;
  error: string | null;
}

export interface HexRows {
  offset: number;
  bytes: Uint8Array;
}

/** The questions that can be asked, and their answers. */
export interface Questions {
  json: [{ first: number; end: number }, JsonRow[]];
  text: [{ first: number; end: number }, TextRow[]];
  hex: [{ first: number; end: number }, HexRows];
  toggle: [{ line: number }, null];
  fold: [{ level: number }, null];
  wrap: [{ columns: number }, null];
  find: [{ query: string }, null];
  /** The row of the `match`th occurrence, in sight. */
  reveal: [{ match: number; rows: Rows }, number];
  rowOf: [{ line: number }, number];
  parent: [{ line: number }, number | null];
  path: [{ line: number }, string];
  value: [{ line: number }, string | null];
}

type Answers = { [Q in keyof Questions]: (asked: Questions[Q][0]) => Questions[Q][1] };

export class Document {
  readonly bytes = new Bytes();
  done = false;
  error: string | null = null;
  /** The occurrences of what is searched for. */
  matches: Matches | null = null;
  /** There may be more of them in what has come. */
  searching = false;
  readonly #index: JsonIndex | null;
  readonly #folds: Folds;
  readonly #json: JsonLines;
  #text: TextLines;

  /** With lines of JSON, or without. */
  constructor(isJson: boolean) {
    const index = new JsonIndex();
    this.#index = isJson ? index : null;
    this.#folds = new Folds(index);
    this.#json = new JsonLines(this.bytes, index, this.#folds);
    this.#text = new TextLines(this.bytes);
  }

  append(chunk: Uint8Array): void {
    this.bytes.append(chunk);
    this.#index?.read(this.bytes.data, this.bytes.length, false);
    this.#text.read();
    this.searching = this.matches !== null;
  }

  end(): void {
    this.done = true;
    this.#index?.read(this.bytes.data, this.bytes.length, true);
  }

  get state(): State {
    this.#folds.update();
    return {
      bytes: this.bytes.length,
      done: this.done,
      cut: this.bytes.isCut,
      rows: {
        json: this.#folds.rows,
        text: this.#text.rows,
        hex: Math.ceil(this.bytes.length / HEX_ROW),
      },
      lines: this.#text.lines,
      roots: this.#index?.roots ?? 0,
      notJson: this.#index === null ? 0 : this.#index.error,
      query: this.matches?.query ?? '',
      found: this.matches?.count ?? 0,
      foundCut: this.matches?.isCut ?? false,
      searching: this.searching || (this.matches !== null && !this.done),
      error: this.error,
    };
  }

  /** Looks through some more of what has come for what is searched. */
  search(most: number): void {
    this.searching = this.matches?.read(this.bytes, most) === false;
  }

  readonly answers: Answers = {
    json: ({ first, end }) => this.#json.rows(first, end),
    text: ({ first, end }) => this.#text.get(first, end),
    hex: ({ first, end }) => {
      const until = Math.min(end * HEX_ROW, this.bytes.length);
      return { offset: first * HEX_ROW, bytes: this.bytes.data.slice(first * HEX_ROW, until) };
    },
    toggle: ({ line }) => (this.#folds.toggle(line), null),
    fold: ({ level }) => (this.#folds.fold(level), null),
    wrap: ({ columns }) => {
      this.#text = new TextLines(this.bytes, columns);
      this.#text.read();
      return null;
    },
    find: ({ query }) => {
      this.matches = query === '' ? null : new Matches(query);
      this.searching = this.matches !== null;
      return null;
    },
    reveal: ({ match, rows }) => this.#reveal(this.matches?.offsets.at(match) ?? 0, rows),
    rowOf: ({ line }) => this.#folds.rowOf(line),
    parent: ({ line }) => this.#folds.parents(line)[0] ?? null,
    path: ({ line }) => this.#json.path(line),
    value: ({ line }) => this.#json.value(line),
  };

  #reveal(offset: number, rows: Rows): number {
    if (rows === 'hex') return Math.floor(offset / HEX_ROW);
    if (rows === 'text') return Math.max(0, this.#text.starts.lastUpTo(offset));
    const line = Math.max(0, this.#json.index.offsets.lastUpTo(offset));
    this.#folds.reveal(line);
    return this.#folds.rowOf(line);
  }
}
