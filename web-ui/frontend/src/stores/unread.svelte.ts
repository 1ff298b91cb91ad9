// Connections that no exchange stands for, as rows of the list: those that failed, and those that were tunnelled.
import { fetchConnection, fetchUnread } from '../api/calls';
import { messageOf } from '../api/error';
import type { Connection } from '../api/types';
import { Entities } from './entities.svelte';
import { hasRow, rowOf, type ListRow, type Window } from './list_row';

const PAGE = 500;
/** Of more in a window only the newest have rows. */
export const MOST = 2000;
/** Calls for a window at most: each goes through many connections that have no row. */
const MOST_CALLS = 8;
/** How long the first change of a window waits before it is asked about, with those that follow it. */
const PAUSE_MS = 150;
/** How long news under a filter wait, and the next try after an error. */
const NEWS_MS = 1000;
/** How often news are put in. */
const FRAME_MS = 100;

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
  /** The one that is open beside the list, and why there is none. */
  opened = $state.raw<Connection | null>(null);
  openError = $state<string | null>(null);
  #wanted: number | null = null;
  #query = '';
  #window: Window = ALL;
  /** The part of the time about which dashcam was asked, without that of older ones that were cut off. */
  #covered: (Window & { cut: boolean }) | null = null;
  #fetching: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** When that one ends. */
  #due = Infinity;
  /** Something matches, or does no longer, that the answer under way may lack. */
  #stale = false;
  /** News that wait to be put in, and those since the fetch that is under way began. */
  #news: ListRow[] = [];
  #meanwhile: ListRow[] = [];
  #putting: ReturnType<typeof setTimeout> | null = null;

  /** Has those that match `query` from now on, once they are followed: those of another one are no rows any more. */
  about(query: string): void {
    if (query !== this.#query) this.#forget();
    this.#query = query;
  }

  /** Has those that match `query`, as far as `window` goes. */
  follow(query: string, window: Window): void {
    this.about(query);
    this.#window = window;
    if (!this.#covers(window)) this.#ask(this.error === null ? PAUSE_MS : NEWS_MS);
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
    if (this.#query !== '') {
      this.#stale = true;
      if (this.#fetching === null) this.#ask(NEWS_MS);
      return;
    }
    this.#news.push(rowOf(connection));
    this.#putting ??= setTimeout(() => this.#putNews(), FRAME_MS);
  }

  refetch(): void {
    if (this.shown) this.#ask(0);
  }

  /** Opens one; null for none. */
  async open(id: number | null): Promise<void> {
    this.#wanted = id;
    const known = id === null ? undefined : this.known.get(-id)?.unread;
    [this.opened, this.openError] = [known ?? null, null];
    if (id === null || known !== undefined) return;
    try {
      const connection = await fetchConnection(id);
      if (this.#wanted === id) this.opened = connection;
    } catch (error) {
      if (this.#wanted === id) this.openError = messageOf(error);
    }
  }

  /** True if asking about `window` would bring no more. */
  #covers({ since, until }: Window): boolean {
    const covered = this.#covered;
    if (covered === null || until > covered.until) return false;
    // Of the same newest ones the same older ones would be cut off again.
    return since >= covered.since || (covered.cut && until === covered.until);
  }

  /** Covers less where older ones were cut off. */
  #uncoverCut(): void {
    const [covered, oldest] = [this.#covered, this.rows.at(-1)];
    if (!this.cut || covered === null) return;
    const since = oldest === undefined ? covered.until : Date.parse(oldest.started_at);
    this.#covered = { ...covered, since: Math.max(covered.since, since), cut: true };
  }

  /** Has dashcam asked after `wait`, unless it is due before. */
  #ask(wait: number): void {
    const due = performance.now() + wait;
    if (this.#timer !== null && this.#due <= due) return;
    this.#cancel();
    this.#due = due;
    this.#timer = setTimeout(() => void this.#fetch(), wait);
  }

  #cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #fetch(): Promise<void> {
    this.#cancel();
    this.#fetching?.abort();
    const fetching = (this.#fetching = new AbortController());
    const window = this.#window;
    [this.#covered, this.#stale, this.#meanwhile] = [{ ...window, cut: false }, false, []];
    try {
      const { found, more } = await this.#found(window, fetching.signal);
      if (fetching.signal.aborted) return;
      this.error = null;
      this.#put(merged(found, this.#meanwhile), more);
      this.#uncoverCut();
    } catch (error) {
      if (fetching.signal.aborted) return;
      [this.error, this.#covered] = [messageOf(error), null];
    }
    [this.#fetching, this.#meanwhile] = [null, []];
    if (this.#stale) this.#ask(NEWS_MS);
  }

  /** Those in `window` that match, newest first, and whether there are more. */
  async #found(window: Window, signal: AbortSignal): Promise<{ found: ListRow[]; more: boolean }> {
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- lives for this call only
    const time = (name: string, at: number) => (Number.isFinite(at) ? { [name]: new Date(at).toISOString() } : {});
    const range = { ...time('since', window.since), ...time('until', window.until) };
    const found: ListRow[] = [];
    let before: number | null = null;
    for (let call = 0; call < MOST_CALLS && found.length < MOST; call++) {
      const query = { ...range, ...(this.#query !== '' && { filter: this.#query }), ...(before && { before }) };
      const answer = await fetchUnread({ ...query, limit: PAGE }, signal);
      if (signal.aborted) break;
      found.push(...answer.connections.map(rowOf));
      before = answer.next_before;
      if (before === null) break;
    }
    return { found, more: before !== null };
  }

  #putNews(): void {
    this.#putting = null;
    // What is newer than the part that is shown is asked for when it comes into sight.
    const until = this.#covered?.until ?? Infinity;
    const news = this.#news.filter(({ started_at }) => Date.parse(started_at) < until);
    this.#news = [];
    if (this.#fetching !== null) this.#meanwhile = merged(this.#meanwhile, news);
    this.#put(merged(this.rows, news), this.cut);
    if (this.#fetching === null) this.#uncoverCut();
  }

  /** Has rows for `rows`, of many for the newest; there are `more` if dashcam says so. */
  #put(rows: readonly ListRow[], more: boolean): void {
    this.cut = more || rows.length > MOST;
    this.rows = [...rows].sort(newestFirst).slice(0, MOST);
    for (const row of this.rows) this.known.put(row);
    this.known.keep(this.rows.map(({ id }) => id));
  }

  #forget(): void {
    this.#cancel();
    if (this.#putting !== null) clearTimeout(this.#putting);
    this.#fetching?.abort();
    [this.#putting, this.#fetching, this.#news, this.#meanwhile] = [null, null, [], []];
    [this.rows, this.cut, this.error, this.#covered, this.#stale] = [[], false, null, null, false];
  }
}

/** `rows`, with `news` in place of those with the same numbers. */
function merged(rows: readonly ListRow[], news: readonly ListRow[]): ListRow[] {
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- lives for this call only
  const all = new Map(rows.map((row) => [row.id, row]));
  for (const row of news) all.set(row.id, row);
  return [...all.values()];
}
