// The exchange that is open in the detail pane.
import { fetchConnection, fetchExchange } from '../api/calls';
import { ApiError, messageOf } from '../api/error';
import type { Connection, Exchange, Summary } from '../api/types';
import { progress } from './merge';
import { Messages } from './messages.svelte';

/** The store lags a little behind the live stream: how often to ask again, and how long to wait at first and at the most. */
const RETRIES = 12;
const RETRY_MS = 150;
const LONGEST_RETRY_MS = 2000;
/** How often an exchange that is under way is asked for. */
const POLL_MS = 2000;

export class Detail {
  id = $state<number | null>(null);
  exchange = $state.raw<Exchange | null>(null);
  /** The client's connection, once asked for. */
  connection = $state.raw<Connection | null>(null);
  error = $state<string | null>(null);
  /** Whether the exchange is known from the live stream and not in the recording yet. */
  pending = $state(false);
  readonly messages = new Messages();
  /** How far the exchange has come according to the live stream. */
  #heard = 0;
  /** True if there is such an exchange for sure: if it is not in the recording, it will be. */
  #expected = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #fetching: AbortController | null = null;

  /** Opens exchange `id`; `row` is what the list knows of it: then it may not be in the recording yet. */
  open(id: number, row: Summary | undefined): void {
    if (id === this.id && this.error === null) return;
    this.close();
    this.id = id;
    this.#heard = row === undefined ? 0 : progress(row);
    this.#expected = row !== undefined;
    this.reload();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#fetching?.abort();
    this.id = null;
    this.exchange = null;
    this.connection = null;
    this.error = null;
    this.pending = false;
    this.#heard = 0;
    this.messages.show(null);
  }

  /** News of an exchange, this one or another. */
  hear(row: Summary): void {
    if (row.id !== this.id || progress(row) <= this.#heard) return;
    this.#heard = progress(row);
    this.expect();
  }

  /** An exchange was pinned, or is no more. */
  pinned(id: number, pinned: boolean): void {
    if (this.exchange?.id === id) this.exchange = { ...this.exchange, pinned };
  }

  /** The open exchange has just begun: it is waited for until it is in the recording. */
  expect(): void {
    this.#expected = true;
    this.reload();
  }

  /** Asks again: something may have been missed. */
  reload(): void {
    if (this.id !== null) void this.#load(this.id, this.#expected ? RETRIES : 0);
  }

  async #load(id: number, retries: number): Promise<void> {
    clearTimeout(this.#timer);
    this.#fetching?.abort();
    const fetching = new AbortController();
    this.#fetching = fetching;
    const again = (left: number, after = RETRY_MS * 1.5 ** (RETRIES - left)) => {
      this.#timer = setTimeout(() => void this.#load(id, left), Math.min(after, LONGEST_RETRY_MS));
    };
    try {
      const exchange = await fetchExchange(id, fetching.signal);
      if (fetching.signal.aborted) return;
      this.#show(exchange);
      if (progress(exchange) < this.#heard && retries > 0) again(retries - 1);
      else if (exchange.state === 'open') again(0, POLL_MS);
    } catch (error) {
      if (fetching.signal.aborted) return;
      const early = error instanceof ApiError && error.status === 404 && this.exchange === null;
      this.pending = early && retries > 0;
      // An exchange that is under way may be written only when it ends: the last try is repeated until then.
      this.error = this.pending ? null : messageOf(error);
      if (this.pending) again(retries === 1 && this.#heard < 2 ? 1 : retries - 1);
    }
  }

  #show(exchange: Exchange): void {
    const first = this.exchange === null;
    const more = exchange.message_count > (this.exchange?.message_count ?? 0);
    this.exchange = exchange;
    this.error = null;
    this.pending = false;
    this.#expected = true;
    if (first) {
      this.messages.show(exchange.id);
      if (exchange.connection != null) void this.#loadConnection(exchange.id, exchange.connection);
    }
    if (more) void this.messages.loadMore();
  }

  async #loadConnection(exchange: number, id: number): Promise<void> {
    // A deleted or never stored connection is no error: the tab says that nothing is known of it.
    const connection = await fetchConnection(id).catch(() => null);
    if (this.id === exchange) this.connection = connection;
  }
}
