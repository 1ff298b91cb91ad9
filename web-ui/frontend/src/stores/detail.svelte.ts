// The exchange that is open in the detail pane.
import { fetchConnection, fetchExchange, noteExchange } from '../api/calls';
import { messageOf } from '../api/error';
import type { Connection, Exchange, NoteChange, Summary } from '../api/types';
import { progress } from './merge';
import { Messages } from './messages.svelte';

/** How often an exchange that is under way is asked for. */
const POLL_MS = 500;

export class Detail {
  id = $state<number | null>(null);
  exchange = $state.raw<Exchange | null>(null);
  /** The client's connection, once asked for. */
  connection = $state.raw<Connection | null>(null);
  error = $state<string | null>(null);
  /** Grows when what is stored of it was changed in place. */
  revision = $state(0);
  readonly messages = new Messages();
  /** How far the exchange has come according to the live stream. */
  #heard = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #fetching: AbortController | null = null;
  /** The change of a note that was asked for last. */
  #noting: Promise<void> = Promise.resolve();
  /** Tells if bodies and messages are shown to this browser. */
  readonly #seesContents: () => boolean;
  readonly #ontags: (id: number, tags: string[]) => void;

  /** `ontags` is called when an exchange has other tags. */
  constructor(
    seesContents: () => boolean = () => true,
    ontags: (id: number, tags: string[]) => void = () => undefined,
  ) {
    this.#seesContents = seesContents;
    this.#ontags = ontags;
  }

  /** Opens exchange `id`; `row` is what the list knows of it. */
  open(id: number, row: Summary | undefined): void {
    if (id === this.id && this.error === null) return;
    this.close();
    this.id = id;
    this.#heard = row === undefined ? 0 : progress(row);
    this.reload();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#fetching?.abort();
    this.id = null;
    this.exchange = null;
    this.connection = null;
    this.error = null;
    this.#heard = 0;
    this.messages.show(null);
  }

  /** News of an exchange, this one or another. */
  hear(row: Summary): void {
    if (row.id !== this.id || progress(row) <= this.#heard) return;
    this.#heard = progress(row);
    this.reload();
  }

  /** An exchange was pinned, or is no more. */
  pinned(id: number, pinned: boolean): void {
    if (this.exchange?.id === id) this.exchange = { ...this.exchange, pinned };
  }

  /** Changes its comment and its tags. Throws if they can't be. */
  async annotate(change: NoteChange): Promise<void> {
    const { id } = this;
    if (id === null) return;
    // One after the other, so that the last answer is the newest.
    const call = this.#noting.then(() => noteExchange(id, change));
    this.#noting = call.then(
      () => undefined,
      () => undefined,
    );
    this.noted(id, await call);
  }

  /** The comment and the tags of an exchange were changed. */
  noted(id: number, note: Exchange['note']): void {
    if (this.exchange?.id === id) this.exchange = { ...this.exchange, note };
    this.#ontags(id, note.tags);
  }

  /** Asks for all of it again, bodies and messages too: they were changed in place. */
  refetch(): void {
    if (this.id === null) return;
    this.revision += 1;
    this.messages.show(this.id);
    void this.messages.loadMore();
    this.reload();
  }

  /** Asks again: something may have been missed. */
  reload(): void {
    if (this.id !== null) void this.#load(this.id);
  }

  async #load(id: number): Promise<void> {
    clearTimeout(this.#timer);
    this.#fetching?.abort();
    const fetching = new AbortController();
    this.#fetching = fetching;
    try {
      const exchange = await fetchExchange(id, fetching.signal);
      if (fetching.signal.aborted) return;
      this.#show(exchange);
      if (exchange.state === 'open') this.#timer = setTimeout(() => void this.#load(id), POLL_MS);
    } catch (error) {
      if (!fetching.signal.aborted) this.error = messageOf(error);
    }
  }

  #show(exchange: Exchange): void {
    const first = this.exchange === null;
    const more = exchange.message_count > (this.exchange?.message_count ?? 0);
    this.exchange = exchange;
    this.error = null;
    if (first) {
      this.messages.show(exchange.id);
      if (exchange.connection != null) void this.#loadConnection(exchange.id, exchange.connection);
    }
    if (more && this.#seesContents()) void this.messages.loadMore();
  }

  async #loadConnection(exchange: number, id: number): Promise<void> {
    // A deleted or never stored connection is no error: the tab says that nothing is known of it.
    const connection = await fetchConnection(id).catch(() => null);
    if (this.id === exchange) this.connection = connection;
  }
}
