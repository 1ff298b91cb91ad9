// A body that is open in a worker of its own: what is known of it, and questions about it.
import { untrack } from 'svelte';
import type { Questions, State } from './document';
import type { Open } from './document.worker';

export type { Rows, State } from './document';
export type { HexRows } from './document';
export type { JsonRow } from './json_lines';
export { isValue } from './json_lines';
export type { TextRow } from './text_lines';

const NOTHING: State = {
  bytes: 0,
  done: false,
  cut: false,
  rows: { json: 0, text: 0, hex: 0 },
  lines: 0,
  roots: 0,
  notJson: null,
  found: 0,
  foundCut: false,
  searching: false,
  query: '',
  error: null,
};

export class OpenDocument {
  state = $state.raw<State>(NOTHING);
  /** Grows when rows may have changed that were there already. */
  turn = $state(0);
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- Vite finds the worker's file by this
  readonly #worker = new Worker(new URL('./document.worker.ts', import.meta.url), { type: 'module' });
  readonly #waiting: Record<number, (answer: unknown) => void> = {};
  #last = 0;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<{ state: State } | { id: number; answer: unknown }>) => {
      if ('state' in data) {
        this.state = data.state;
        return;
      }
      this.#waiting[data.id]?.(data.answer);
      delete this.#waiting[data.id];
    };
  }

  /** Reads a body; what is read already is not read again. */
  open(body: Open): void {
    this.state = { ...untrack(() => this.state), done: false };
    this.#worker.postMessage({ open: body });
  }

  /** Asks the worker. Not answered once it is closed. */
  ask<Q extends keyof Questions>(ask: Q, asked: Questions[Q][0]): Promise<Questions[Q][1]> {
    const id = ++this.#last;
    this.#worker.postMessage({ id, ask, with: asked });
    return new Promise((resolve) => {
      this.#waiting[id] = (answer) => {
        if (ask === 'toggle' || ask === 'fold' || ask === 'wrap' || ask === 'reveal') this.turn += 1;
        resolve(answer as Questions[Q][1]);
      };
    });
  }

  close(): void {
    this.#worker.terminate();
  }
}
