// A HAR file that is looked at. It stays in this browser.
import { size } from '../../format/size';
import * as texts from '../../texts/har';
import { matching, type Entry, type Row } from './har';
import type { Answered, Asked } from './har.worker';

/** The largest file: all of it is in memory. */
const LARGEST = 256 * 1024 * 1024;

export class HarFile {
  rows = $state.raw<readonly Row[] | null>(null);
  creator = $state('');
  problem = $state<string | null>(null);
  query = $state('');
  /** The number of the exchange that is open. */
  selected = $state<number | null>(null);
  entry = $state.raw<Entry | null>(null);
  shown = $derived.by(() => matching(this.rows ?? [], this.query));
  keys = $derived.by(() => this.shown.map(({ id }) => id));
  readonly #worker: Worker | null = null;

  constructor(readonly file: File) {
    if (file.size > LARGEST) {
      this.problem = texts.tooLarge(size(file.size), size(LARGEST));
      return;
    }
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- Vite looks for it as it stands
    this.#worker = new Worker(new URL('./har.worker.ts', import.meta.url), { type: 'module' });
    this.#worker.addEventListener('message', ({ data }: MessageEvent<Answered>) => this.#hear(data));
    this.#worker.addEventListener('error', () => (this.problem = texts.cannotBeReadHere));
    this.#ask({ file });
  }

  /** Ends it; nothing of the file is left. */
  close(): void {
    this.#worker?.terminate();
  }

  /** Opens an exchange, or none. */
  open(id: number | null): void {
    this.selected = id;
    this.entry = null;
    if (id !== null) this.#ask({ entry: id - 1 });
  }

  row(id: number): Row | undefined {
    return this.rows?.[id - 1];
  }

  #ask(asked: Asked): void {
    this.#worker?.postMessage(asked);
  }

  #hear(answered: Answered): void {
    if (answered.kind === 'problem') this.problem = answered.problem;
    else if (answered.kind === 'rows') [this.rows, this.creator] = [answered.rows, answered.creator];
    else if (answered.entry?.row.id === this.selected) this.entry = answered.entry;
  }
}
