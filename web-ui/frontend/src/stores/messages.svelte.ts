// The messages inside one exchange: pages from the store, then whatever passes live.
import { fetchMessages } from '../api/calls';
import { messageOf } from '../api/error';
import type { Message } from '../api/types';

const PAGE = 500;
/** Bytes of each that come with the list: what a line shows, and small ones whole. */
const PREVIEW = 4096;

export class Messages {
  rows = $state.raw<readonly Message[]>([]);
  hasMore = $state(false);
  error = $state<string | null>(null);
  #exchange: number | null = null;
  #loading = false;

  /** Shows those of exchange `id`; null for none. */
  show(id: number | null): void {
    this.#exchange = id;
    this.rows = [];
    this.hasMore = false;
    this.error = null;
    this.#loading = false;
  }

  /** Loads what comes after the last message that is known. */
  async loadMore(): Promise<void> {
    const id = this.#exchange;
    if (id === null || this.#loading) return;
    this.#loading = true;
    try {
      const answer = await fetchMessages(id, this.rows.at(-1)?.seq ?? null, PAGE, PREVIEW);
      if (id !== this.#exchange) return;
      this.rows = bySeq(this.rows, answer.messages);
      this.hasMore = answer.next_after != null;
      this.error = null;
    } catch (error) {
      if (id === this.#exchange) this.error = messageOf(error);
    } finally {
      if (id === this.#exchange) this.#loading = false;
    }
  }

  /** A message that has just passed; one that does not follow on, or was cut for the stream, is left to the next page. */
  hear(exchange: number, message: Message): void {
    if (exchange !== this.#exchange || this.hasMore) return;
    const last = this.rows.at(-1)?.seq;
    if (last !== undefined && message.seq === last + 1 && !message.preview) this.rows = [...this.rows, message];
    else void this.loadMore();
  }
}

/** Both lists as one, in order, each message once. */
export function bySeq(known: readonly Message[], news: readonly Message[]): Message[] {
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- lives for this call only
  const all = new Map([...known, ...news].map((message) => [message.seq, message]));
  return [...all.values()].sort((a, b) => a.seq - b.seq);
}
