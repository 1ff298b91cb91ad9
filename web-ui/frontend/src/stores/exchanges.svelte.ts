// The list of exchanges: loaded page by page, kept current by the live stream, never moved under the reader.
import { deleteAllExchanges, fetchExchanges } from '../api/calls';
import { messageOf } from '../api/error';
import type { Summary } from '../api/types';
import { indexOf, merge, refresh } from './merge';

const PAGE = 200;
const LARGEST_PAGE = 1000;
/** More rows than this are not kept while the list is at its top; scrolling down loads them again. */
const KEPT = 20_000;
/** The store lags a little behind the live stream: news this young are put back after fetching. */
const LAG_MS = 3000;
/** How often news are put in at the most. */
const FRAME_MS = 50;

export class Exchanges {
  /** What is shown, newest first. */
  rows = $state.raw<readonly Summary[]>([]);
  /** New exchanges that wait for the reader to come back to the top. */
  held = $state.raw<readonly Summary[]>([]);
  filter = $state('');
  /** Whether an answer for the current filter is there. */
  loaded = $state(false);
  loadingMore = $state(false);
  error = $state<string | null>(null);
  /** Whether the reader is at the top, so that new rows may be put in. */
  atTop = $state(true);
  hasMore = $state(false);
  /** Counts the wishes to see the top of the list. */
  topAsked = $state(0);
  #news: Summary[] = [];
  #recent: { at: number; row: Summary }[] = [];
  #frame: ReturnType<typeof setTimeout> | null = null;
  #fetching: AbortController | null = null;

  /** Shows what matches `filter`, from the newest on. */
  show(filter: string): void {
    this.filter = filter;
    this.#forget();
    this.loaded = false;
    void this.refetch();
  }

  /** Fetches the newest part again; the answer replaces what it overlaps. */
  async refetch(): Promise<void> {
    this.#fetching?.abort();
    const fetching = new AbortController();
    this.#fetching = fetching;
    const limit = Math.min(LARGEST_PAGE, Math.max(PAGE, this.rows.length + this.held.length));
    try {
      const answer = await fetchExchanges(this.#query({ limit }), fetching.signal);
      const more = answer.next_before != null;
      const seen = this.rows[0]?.id ?? Infinity;
      const rows = refresh(this.rows, answer.exchanges, more);
      if (rows.length === answer.exchanges.length) this.hasMore = more;
      const all = merge(rows, this.#young(), this.hasMore);
      // So much is new that nothing the reader saw is left: the page starts at the top again.
      if (!this.atTop && !all.some((row) => row.id <= seen)) this.toTop();
      const isHeld = (row: Summary) => !this.atTop && row.id > seen;
      this.rows = all.filter((row) => !isHeld(row));
      this.held = all.filter(isHeld);
      this.loaded = true;
      this.error = null;
    } catch (error) {
      if (!fetching.signal.aborted) this.error = messageOf(error);
    }
  }

  /** Loads the next older page. */
  async loadMore(): Promise<void> {
    const before = this.rows.at(-1)?.id;
    if (!this.hasMore || this.loadingMore || before === undefined) return;
    this.loadingMore = true;
    const filter = this.filter;
    try {
      const answer = await fetchExchanges(this.#query({ before, limit: PAGE }));
      if (filter !== this.filter || this.rows.at(-1)?.id !== before) return;
      this.rows = [...this.rows, ...answer.exchanges];
      this.hasMore = answer.next_before != null;
      this.error = null;
    } catch (error) {
      this.error = messageOf(error);
    } finally {
      this.loadingMore = false;
    }
  }

  /** News from the live stream; put in with the next frame, however many come. */
  hear(row: Summary): void {
    this.#news.push(row);
    this.#frame ??= setTimeout(() => this.#apply(), FRAME_MS);
  }

  /** The reader is at the top, or not. */
  reading(atTop: boolean): void {
    this.atTop = atTop;
    if (atTop) this.release();
  }

  /** Goes back to the newest row. */
  toTop(): void {
    this.topAsked += 1;
    this.reading(true);
  }

  /** Puts in what was held back. */
  release(): void {
    if (this.held.length === 0) return;
    // So many that some were let go: start over.
    if (this.held.length >= KEPT) return this.show(this.filter);
    this.rows = merge(this.rows, this.held, this.hasMore);
    this.held = [];
  }

  find(id: number): Summary | undefined {
    return this.rows[indexOf(this.rows, id)] ?? this.held[indexOf(this.held, id)];
  }

  /** Takes a deleted exchange out. */
  remove(id: number): void {
    const others = (row: Summary) => row.id !== id;
    this.rows = this.rows.filter(others);
    this.held = this.held.filter(others);
    this.#recent = this.#recent.filter(({ row }) => others(row));
  }

  /** An exchange was pinned, or is no more. */
  pinned(id: number, pinned: boolean): void {
    const change = (row: Summary) => (row.id === id ? { ...row, pinned } : row);
    this.rows = this.rows.map(change);
    this.held = this.held.map(change);
  }

  /** Deletes every stored exchange, those that are `pinned` too or not; answers how many. */
  async clear(pinned: boolean): Promise<number> {
    const { deleted } = await deleteAllExchanges(pinned);
    this.#forget();
    void this.refetch();
    return deleted;
  }

  #apply(): void {
    this.#frame = null;
    const news = this.#news;
    this.#news = [];
    const at = performance.now();
    this.#recent.push(...news.map((row) => ({ at, row })));
    this.#young();
    if (this.atTop) {
      const rows = merge(this.rows, news, this.hasMore);
      this.hasMore ||= rows.length > KEPT;
      this.rows = rows.length > KEPT ? rows.slice(0, KEPT) : rows;
      return;
    }
    const newest = this.rows[0]?.id ?? 0;
    this.rows = merge(
      this.rows,
      news.filter((row) => row.id <= newest),
      this.hasMore,
    );
    this.held = merge(
      this.held,
      news.filter((row) => row.id > newest),
      false,
    ).slice(0, KEPT);
  }

  #young(): Summary[] {
    const since = performance.now() - LAG_MS;
    this.#recent = this.#recent.filter(({ at }) => at >= since);
    return this.#recent.map(({ row }) => row);
  }

  #query(query: { before?: number; limit: number }): { filter?: string; before?: number; limit: number } {
    return this.filter === '' ? query : { ...query, filter: this.filter };
  }

  #forget(): void {
    this.rows = [];
    this.held = [];
    this.#news = [];
    this.#recent = [];
    this.hasMore = false;
    this.toTop();
  }
}
