// The list of exchanges for one query: loaded page by page, kept current by the live stream, never moved under the reader.
import { fetchExchanges } from '../api/calls';
import { filterFaultOf, messageOf } from '../api/error';
import type { FilterFault, Summary } from '../api/types';
import type { Entities } from './entities.svelte';
import { later, merge, refresh } from './merge';
import { further, type SearchCourse } from './search';

const PAGE = 200;
const LARGEST_PAGE = 1000;
/** More than this is not kept while the list is at its top; scrolling down loads them again. */
const KEPT = 20_000;
/** Milliseconds after which a search is to tell how far it came. */
const TOLD_MS = 500;
/** How often news are put in at most. */
const FRAME_MS = 50;

export class ExchangeList {
  /** The numbers of those that are shown, newest first. */
  ids = $state.raw<readonly number[]>([]);
  /** New ones that wait for the reader to come back to the top. */
  held = $state.raw<readonly number[]>([]);
  /** True once an answer is there. */
  loaded = $state(false);
  loadingMore = $state(false);
  error = $state<string | null>(null);
  /** The error in the query, if it can't be read. */
  fault = $state<FilterFault | null>(null);
  hasMore = $state(false);
  /** How far the search through bodies came; null if the query looks into none. */
  search = $state.raw<SearchCourse | null>(null);
  /** True once the reader has stopped that search. */
  stopped = $state(false);
  /** Counts the wishes to see the top of the list. */
  topAsked = $state(0);
  /** True while the reader is at the top, so that new ones may be put in. */
  #atTop = true;
  #news: Summary[] = [];
  /** Those of which something was heard since the fetch that is under way began: its answer may lack them. */
  #meanwhile: number[] | null = null;
  /** The number below which nothing was looked at yet; undefined where the last one of the list says it. */
  #next: number | undefined;
  #frame: ReturnType<typeof setTimeout> | null = null;
  #fetching = new AbortController();
  /** Ends the load of older ones that is under way. */
  #loading = new AbortController();
  #ended = false;
  readonly #known: Entities<Summary>;

  /** Shows what matches `query`; what comes of an exchange is noted in `known`. */
  constructor(
    readonly query: string,
    known: Entities<Summary>,
  ) {
    this.#known = known;
  }

  /** Another list takes this one's place: answers that are under way count no more. */
  end(): void {
    this.#ended = true;
    this.#fetching.abort();
    this.#loading.abort();
    if (this.#frame !== null) clearTimeout(this.#frame);
  }

  /** Ends the search through bodies; what it found stays. */
  stop(): void {
    this.stopped = true;
    this.#loading.abort();
  }

  /** Goes on with the search where it was stopped. */
  goOn(): void {
    this.stopped = false;
    void this.loadMore();
  }

  /** Fetches the newest part again; the answer replaces what it overlaps. */
  async refetch(): Promise<void> {
    this.#fetching.abort();
    const fetching = new AbortController();
    this.#fetching = fetching;
    this.#meanwhile = [];
    const limit = Math.min(LARGEST_PAGE, Math.max(PAGE, this.ids.length + this.held.length));
    try {
      const answer = await fetchExchanges(this.#ask({ limit }), fetching.signal);
      if (fetching.signal.aborted) return;
      this.#replace(answer.exchanges, answer.next_before ?? undefined);
      this.search = further(null, answer.search);
      this.loaded = true;
      this.error = null;
      this.fault = null;
      // A search that takes long answers with fewer: it goes on.
      if (this.#isUnderWay) void this.loadMore();
    } catch (error) {
      if (!fetching.signal.aborted) this.#failed(error);
    } finally {
      if (this.#fetching === fetching) this.#meanwhile = null;
    }
  }

  /** Loads the next older page, in as many steps as the search takes. */
  async loadMore(): Promise<void> {
    if (this.loadingMore || this.stopped) return;
    this.loadingMore = true;
    const loading = new AbortController();
    this.#loading = loading;
    try {
      for (let found = 0; this.hasMore && found < PAGE;) {
        const before = this.#next ?? this.ids.at(-1);
        if (before === undefined) return;
        const last = this.ids.at(-1);
        const answer = await fetchExchanges(this.#ask({ before, limit: PAGE }), loading.signal);
        if (this.#ended || this.ids.at(-1) !== last) return;
        answer.exchanges.forEach((row) => this.#note(row));
        this.ids = [...this.ids, ...answer.exchanges.map(({ id }) => id)];
        this.hasMore = answer.next_before != null;
        this.#next = answer.next_before ?? undefined;
        this.search = further(this.search, answer.search);
        found += answer.exchanges.length;
        this.error = null;
        if (!this.#isUnderWay) return;
      }
    } catch (error) {
      if (!loading.signal.aborted) this.#failed(error);
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
    this.#atTop = atTop;
    if (atTop) this.#release();
  }

  /** Goes back to the newest one. */
  toTop(): void {
    this.topAsked += 1;
    this.reading(true);
  }

  /** Takes an exchange out that was deleted or is not kept; news of it may wait to be put in. */
  remove(gone: number): void {
    this.#news = this.#news.filter(({ id }) => id !== gone);
    this.ids = this.ids.filter((id) => id !== gone);
    this.held = this.held.filter((id) => id !== gone);
    this.#meanwhile = this.#meanwhile?.filter((id) => id !== gone) ?? null;
  }

  /** Everything was deleted. */
  clear(): void {
    this.ids = [];
    this.held = [];
    this.#news = [];
    this.hasMore = false;
    this.toTop();
    void this.refetch();
  }

  /** Puts in what was held back. */
  #release(): void {
    if (this.held.length === 0) return;
    // So many that some were let go: start over.
    if (this.held.length >= KEPT) {
      this.loaded = false;
      return this.clear();
    }
    this.ids = merge(this.ids, this.held, this.hasMore);
    this.held = [];
  }

  /** True if the last answer came before the search had found as many as it was asked for. */
  get #isUnderWay(): boolean {
    return this.#next !== undefined && this.#next !== this.ids.at(-1);
  }

  #failed(error: unknown): void {
    this.fault = filterFaultOf(error);
    this.error = messageOf(error);
  }

  /** The newest part is as in `fetched`, pins included; there are older ones if there is a `next` number. */
  #replace(fetched: readonly Summary[], next: number | undefined): void {
    const more = next !== undefined;
    for (const row of fetched) {
      this.#known.put({ ...later(this.#known.get(row.id) ?? row, row), pinned: row.pinned });
    }
    const seen = this.ids[0] ?? Infinity;
    const found = fetched.map(({ id }) => id);
    const ids = refresh(this.ids, found, more);
    if (ids.length === found.length) {
      this.hasMore = more;
      this.#next = next;
    }
    const all = merge(ids, this.#meanwhile ?? [], this.hasMore);
    // So much is new that nothing the reader saw is left: the page starts at the top again.
    if (!this.#atTop && !all.some((id) => id <= seen)) this.toTop();
    const isHeld = (id: number) => !this.#atTop && id > seen;
    this.ids = all.filter((id) => !isHeld(id));
    this.held = all.filter(isHeld);
    this.#forget();
  }

  #apply(): void {
    this.#frame = null;
    const news = this.#news;
    this.#news = [];
    const oldest = this.ids.at(-1) ?? 0;
    const wanted = news.filter(({ id }) => this.#known.get(id) !== undefined || !this.hasMore || id >= oldest);
    wanted.forEach((row) => this.#note(row));
    const found = wanted.map(({ id }) => id);
    this.#meanwhile?.push(...found);
    if (this.#atTop) {
      const ids = merge(this.ids, found, this.hasMore);
      this.hasMore ||= ids.length > KEPT;
      this.ids = ids.length > KEPT ? ids.slice(0, KEPT) : ids;
    } else {
      const newest = this.ids[0] ?? 0;
      const isNewer = (id: number) => id > newest;
      this.ids = merge(
        this.ids,
        found.filter((id) => !isNewer(id)),
        this.hasMore,
      );
      this.held = merge(this.held, found.filter(isNewer), false).slice(0, KEPT);
    }
    this.#forget();
  }

  #note(news: Summary): void {
    const before = this.#known.get(news.id);
    this.#known.put(before === undefined ? news : later(before, news));
  }

  /** Forgets what no list names any more, once that is much. */
  #forget(): void {
    const meanwhile = this.#meanwhile ?? [];
    const named = this.ids.length + this.held.length + meanwhile.length;
    if (this.#known.size < 2 * named + LARGEST_PAGE) return;
    this.#known.keep([...this.ids, ...this.held, ...meanwhile]);
  }

  #ask(query: { before?: number; limit: number }): {
    filter?: string;
    before?: number;
    limit: number;
    within?: number;
  } {
    return this.query === '' ? query : { ...query, filter: this.query, within: TOLD_MS };
  }
}
