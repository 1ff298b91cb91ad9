// The rows of a document that are in sight, fetched from its worker: one question at a time, the latest wins.
import type { OpenDocument } from './open_document.svelte';
import type { JsonRow, TextRow } from './open_document.svelte';

interface Shapes {
  json: JsonRow;
  text: TextRow;
}

export class RowWindow<K extends keyof Shapes> {
  /** The number of the first of `rows`. */
  first = $state(0);
  rows = $state.raw<readonly Shapes[K][]>([]);
  readonly #document: OpenDocument;
  readonly #kind: K;
  #wanted: { first: number; end: number } | null = null;
  #asking = false;

  constructor(document: OpenDocument, kind: K) {
    this.#document = document;
    this.#kind = kind;
  }

  /** Fetches the rows from `first` up to but without `end`. */
  want(first: number, end: number): void {
    this.#wanted = { first, end };
    if (!this.#asking) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    while (this.#wanted !== null) {
      const wanted = this.#wanted;
      this.#wanted = null;
      const rows: unknown = await this.#document.ask(this.#kind, wanted);
      this.first = wanted.first;
      this.rows = rows as readonly Shapes[K][];
    }
    this.#asking = false;
  }
}
