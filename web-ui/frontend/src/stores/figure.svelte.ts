// A figure of the exchanges that match a filter, asked for again as they come: rarely, and never while nobody looks.
import { messageOf } from '../api/error';

/** News wait so long at least; an answer that takes long is asked for more rarely. */
const LEAST_MS = 2000;
const LONGEST_MS = 15_000;
/** The next answer waits so many times as long as one took: a page that is open costs hardly anything. */
const REST = 200;

export type Fetch<Answer> = (filter: string, signal: AbortSignal) => Promise<Answer>;

export class Figure<Answer> {
  answer = $state.raw<Answer | null>(null);
  /** The filter that the answer is about. */
  filter = $state('');
  error = $state<string | null>(null);
  loading = $state(false);
  readonly #fetch: Fetch<Answer>;
  #wanted: string | null = null;
  #asking: AbortController | null = null;
  #waiting: ReturnType<typeof setTimeout> | null = null;
  /** When the last answer came, and how long it took. */
  #last = { at: -Infinity, took: 0 };
  /** News came while nobody looked. */
  #stale = false;

  constructor(fetch: Fetch<Answer>) {
    this.#fetch = fetch;
  }

  /** Keeps the answer for `filter` current until the returned function is called. */
  follow(filter: string): () => void {
    this.#wanted = filter;
    const seen = () => {
      if (document.hidden) this.#cancel();
      else if (this.#stale) void this.refetch();
    };
    document.addEventListener('visibilitychange', seen);
    void this.refetch();
    return () => {
      document.removeEventListener('visibilitychange', seen);
      this.#wanted = null;
      this.#cancel();
    };
  }

  /** There is news: the answer is asked for again, once it is time. */
  hint(): void {
    this.#stale = true;
    if (this.#wanted === null || this.#waiting !== null || this.loading || document.hidden) return;
    const { at, took } = this.#last;
    const rest = Math.min(LONGEST_MS, Math.max(LEAST_MS, REST * took));
    const wait = Math.max(0, at + rest - performance.now());
    this.#waiting = setTimeout(() => void this.refetch(), wait);
  }

  /** Asks at once. */
  async refetch(): Promise<void> {
    const filter = this.#wanted;
    if (filter === null) return;
    this.#cancel();
    const asking = new AbortController();
    this.#asking = asking;
    this.#stale = false;
    this.loading = true;
    const began = performance.now();
    try {
      const answer = await this.#fetch(filter, asking.signal);
      if (asking.signal.aborted) return;
      this.answer = answer;
      this.filter = filter;
      this.error = null;
    } catch (error) {
      if (asking.signal.aborted) return;
      this.error = messageOf(error);
    }
    this.loading = false;
    this.#last = { at: performance.now(), took: performance.now() - began };
    if (this.#stale) this.hint();
  }

  #cancel(): void {
    if (this.#waiting !== null) clearTimeout(this.#waiting);
    this.#waiting = null;
    if (this.loading) this.#stale = true;
    this.#asking?.abort();
    this.loading = false;
  }
}
