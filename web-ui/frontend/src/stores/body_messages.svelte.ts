// The messages that stand in a body: windows of them, and those that come while the exchange goes on.
import { fetchBodyMessages } from '../api/body_calls';
import { messageOf } from '../api/error';
import type { BodyMessage, Direction } from '../api/types';

const PAGE = 500;
/** Bytes of each that come with the list: what a line shows, and small ones whole. */
const PREVIEW = 4096;
/** A body that grows is looked at again after so many times the time that the last look took. */
const REST = 4;

export class BodyMessages {
  rows = $state.raw<readonly BodyMessage[]>([]);
  hasMore = $state(true);
  /** Why there are no more, where something is wrong. */
  note = $state<string | null>(null);
  error = $state<string | null>(null);
  #next = 0;
  #loading = false;
  /** How much was stored when it was looked at, and how much is by now. */
  #seen = -1;
  #stored = -1;
  #over = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(
    readonly exchange: number,
    readonly direction: Direction,
  ) {}

  /** Notes how much is stored by now: more is loaded unless there is a next page anyway. */
  hear(stored: number, over: boolean): void {
    if (stored === this.#stored && over === this.#over) return;
    this.#stored = stored;
    this.#over = over;
    if (this.rows.length === 0 || !this.hasMore || this.error !== null) this.#look();
  }

  /** Loads the next page. */
  async loadMore(): Promise<void> {
    if (this.#loading || this.#closed) return;
    this.#loading = true;
    clearTimeout(this.#timer);
    const began = performance.now();
    const [stored, over] = [this.#stored, this.#over];
    try {
      const answer = await this.#page();
      if (answer.messages.length > 0) this.rows = [...this.rows, ...answer.messages];
      this.hasMore = answer.more;
      this.note = answer.note;
      this.error = null;
      this.#seen = stored;
    } catch (error) {
      this.error = messageOf(error);
    }
    this.#loading = false;
    const isBehind = this.#stored !== stored || this.#over !== over;
    if (isBehind && (!this.hasMore || this.error !== null))
      this.#timer = setTimeout(() => this.#look(), (performance.now() - began) * REST);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** The next window in which there is something, or the last one. */
  async #page() {
    for (;;) {
      const query = { offset: this.#next, limit: PAGE, preview: PREVIEW };
      const answer = await fetchBodyMessages(this.exchange, this.direction, query);
      const isStuck = answer.next_offset === this.#next;
      this.#next = answer.next_offset;
      if (answer.messages.length > 0 || !answer.more || isStuck || this.#closed) return answer;
    }
  }

  #look(): void {
    if (this.#seen !== this.#stored || this.#over) void this.loadMore();
  }
}
