// Connections that no exchange stands for, as rows of the list: those that failed, and those that were tunnelled.
import { fetchConnection, fetchUnread } from '../api/calls';
import { messageOf } from '../api/error';
import type { Connection } from '../api/types';
import { Entities } from './entities.svelte';
import { hasRow, rowOf, type ListRow, type Window } from './list_row';

const PAGE = 500;
/** Of more in a window only the newest have rows. */
const MOST = 2000;
/** Calls for a window at most: each goes through many connections that have no row. */
const MOST_CALLS = 8;
/** How long a window stands still before it is asked about, and news wait. */
const PAUSE_MS = 150;
const NEWS_MS = 1000;

const ALL: Window = { since: -Infinity, until: Infinity };
const newestFirst = (one: ListRow, other: ListRow) => Date.parse(other.started_at) - Date.parse(one.started_at);

export class UnreadConnections {
  /** They are rows of the list. */
  shown = $state(false);
  /** Newest first. */
  rows = $state.raw<readonly ListRow[]>([]);
  readonly known = new Entities<ListRow>();
  /** There are more than have rows. */
  cut = $state(false);
  error = $state<string | null>(null);
  /** The one that is open beside the list. */
  opened = $state.raw<Connection | null>(null);
  #query = '';
  #window: Window = ALL;
  /** The part of the time about which dashcam was asked. */
  #covered: Window | null = null;
  #fetching: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Has those that match `query`, as far as `window` goes. */
  follow(query: string, window: Window): void {
    if (query !== this.#query) this.#forget();
    [this.#query, this.#window] = [query, window];
    const covered = this.#covered;
    if (covered === null || window.since < covered.since || window.until > covered.until) this.#ask(PAUSE_MS);
  }

  /** Shows them, or no longer. */
  show(shown: boolean): void {
    if (!shown) this.#forget();
    this.shown = shown;
  }

  /** News of a connection. */
  hear(connection: Connection): void {
    if (this.opened?.id === connection.id) this.opened = connection;
    if (!this.shown || !hasRow(connection)) return;
    // dashcam alone knows if it matches.
    if (this.#query !== '') return this.refetch(NEWS_MS);
    const row = rowOf(connection);
    this.#put([row, ...this.rows.filter(({ id }) => id !== row.id)]);
  }

  refetch(wait = 0): void {
    this.#covered = null;
    if (this.shown) this.#ask(wait);
  }

  /** Opens one; null for none. */
  async open(id: number | null): Promise<void> {
    const known = id === null ? undefined : this.known.get(-id)?.unread;
    this.opened = known ?? null;
    if (id === null || known !== undefined) return;
    try {
      this.opened = await fetchConnection(id);
    } catch (error) {
      this.error = messageOf(error);
    }
  }

  #ask(wait: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#fetch(), wait);
  }

  async #fetch(): Promise<void> {
    this.#fetching?.abort();
    const fetching = (this.#fetching = new AbortController());
    const window = this.#window;
    this.#covered = window;
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- lives for this call only
    const time = (name: string, at: number) => (Number.isFinite(at) ? { [name]: new Date(at).toISOString() } : {});
    const range = { ...time('since', window.since), ...time('until', window.until) };
    const found: ListRow[] = [];
    let before: number | null = null;
    try {
      for (let call = 0; call < MOST_CALLS && found.length < MOST; call++) {
        const query = { ...range, ...(this.#query !== '' && { filter: this.#query }), ...(before && { before }) };
        const answer = await fetchUnread({ ...query, limit: PAGE }, fetching.signal);
        if (fetching.signal.aborted) return;
        found.push(...answer.connections.map(rowOf));
        before = answer.next_before;
        if (before === null) break;
      }
      [this.cut, this.error] = [before !== null, null];
      this.#put(found);
    } catch (error) {
      if (!fetching.signal.aborted) [this.error, this.#covered] = [messageOf(error), null];
    }
  }

  #put(rows: ListRow[]): void {
    this.rows = rows.sort(newestFirst);
    for (const row of rows) this.known.put(row);
    this.known.keep(rows.map(({ id }) => id));
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#fetching?.abort();
    [this.rows, this.cut, this.error, this.#covered] = [[], false, null, null];
  }
}
