// The list of exchanges for one query: a window of loaded rows around the reader, which grows and is cut at both ends, is
// kept current by the live stream while it is at the newest, and is never moved under the reader.
import type { Skipped, Summaries, Summary } from '../api/types';
import { indexOf, merge, refresh } from './merge';
import { News, Skips } from './news';
import { LARGEST_PAGE, PAGE, pageOf } from './page_size';
import { Pages } from './pages.svelte';
import { further, type SearchCourse } from './search';

/** More than this is not kept: what is far from the reader is let go, and loaded again when it is wanted. */
export const KEPT = 4000;
/** So many new ones are kept while the reader is further down; of more, only their number. */
const HELD = 1000;

export class ExchangeList extends Pages {
  /** New ones that wait for the reader to come back to the top. */
  held = $state.raw<readonly number[]>([]);
  /** There are older ones than those that are shown. */
  hasMore = $state(false);
  /** There are newer ones than those that are shown, beside those that are held. */
  hasNewer = $state(false);
  /** How far the search through bodies came; null if the query looks into none. */
  search = $state.raw<SearchCourse | null>(null);
  /** True once the reader has stopped that search. */
  stopped = $state(false);
  /** True while the reader is at the top, so that new ones may be put in. */
  #atTop = true;
  /** Since the last fetch began something was only counted. */
  #missed = false;
  readonly #news = new News((rows) => this.#apply(rows));
  readonly #skips = new Skips();
  /** Those of which something was heard since the fetch that is under way began: its answer may lack them. */
  #meanwhile: number[] | null = null;
  /** The number below which nothing was looked at yet; undefined where the last one of the list says it. */
  #next: number | undefined;
  /** The number above which nothing was looked at yet; undefined where the first one of the list says it. */
  #nextNewer: number | undefined;
  #fetching = new AbortController();
  /** Ends the load of older ones that is under way, and that of newer ones. */
  #loading = new AbortController();
  #loadingNewer: AbortController | null = null;
  readonly order = null;

  /** Another list takes this one's place: answers that are under way count no more. */
  end(): void {
    this.ended = true;
    this.#restart();
    this.#news.end();
  }

  /** Where exchange `id` stands among those that are shown, or -1. */
  indexOf(id: number): number {
    return indexOf(this.ids, id);
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

  /** Fetches what is shown again, from its newest on; the answer replaces what it overlaps. */
  async refetch(): Promise<void> {
    const fetching = this.#restart();
    if (this.hasNewer) return this.#fetchHere(fetching);
    this.#meanwhile = [];
    const answer = await this.answered({ limit: pageOf(this.ids.length + this.held.length) }, fetching);
    if (answer !== null) {
      this.#replace(answer.exchanges, answer.next_before ?? undefined);
      this.#began(answer);
      // The screen is filled: now what will be wanted next.
      if (this.ids.length < PAGE) void this.loadMore();
    }
    if (this.#fetching === fetching) this.#meanwhile = null;
  }

  /** Shows the exchanges from a number or a time on, and older ones, or the oldest ones; what was loaded is let go. */
  async goTo(from: { id: number } | { at: string } | 'oldest'): Promise<void> {
    const fetching = this.#restart();
    this.#missed = false;
    const oldest = from === 'oldest';
    const place = oldest ? { after: 0 } : 'id' in from ? { before: from.id + 1 } : from;
    const answer = await this.answered({ ...place, limit: PAGE }, fetching);
    if (answer === null) return;
    this.known.keep([]);
    [this.held, this.waiting, this.stopped] = [[], 0, false];
    this.ids = this.noteFetched(answer.exchanges);
    this.hasMore = answer.next_before != null;
    this.#next = answer.next_before ?? undefined;
    const newest = oldest ? (answer.next_after ?? Infinity) : 'id' in from ? from.id : (this.ids[0] ?? 0);
    this.hasNewer = newest < (oldest ? Infinity : (answer.ends?.last ?? 0));
    this.#nextNewer = this.hasNewer && newest > 0 ? newest : undefined;
    if (oldest) this.endAsked += 1;
    else this.topAsked += 1;
    this.#began(answer);
    this.#catchUp();
  }

  /** Loads the next older page, in as many steps as the search takes. */
  async loadMore(): Promise<void> {
    if (this.loadingMore || this.stopped || this.isDue) return;
    this.loadingMore = true;
    const loading = (this.#loading = new AbortController());
    for (let found = 0; this.hasMore && found < PAGE;) {
      const last = this.ids.at(-1);
      const before = this.#next ?? last;
      const answer = before === undefined ? null : await this.answered({ before, limit: PAGE }, loading);
      if (answer === null || this.ids.at(-1) !== last) break;
      [this.hasMore, this.#next] = [answer.next_before != null, answer.next_before ?? undefined];
      this.search = further(this.search, answer.search);
      this.#extend([...this.ids, ...this.noteFetched(answer.exchanges)], 'newest');
      found += answer.exchanges.length;
      if (!this.#isUnderWay) break;
    }
    if (this.#loading === loading) this.loadingMore = false;
  }

  /** Loads the next newer page, if there are newer ones. */
  async loadNewer(): Promise<void> {
    const first = this.ids[0];
    const after = this.#nextNewer ?? first;
    if (!this.hasNewer || this.#loadingNewer !== null || after === undefined) return;
    const loading = (this.#loadingNewer = new AbortController());
    this.#missed = false;
    const answer = await this.answered({ after, limit: PAGE }, loading);
    if (this.#loadingNewer === loading) this.#loadingNewer = null;
    if (answer === null || this.ids[0] !== first) return;
    [this.hasNewer, this.#nextNewer] = [answer.next_after != null, answer.next_after ?? undefined];
    this.#extend([...this.noteFetched(answer.exchanges), ...this.ids], 'oldest');
    this.#catchUp();
  }

  /** News from the live stream; put in with the next frame, however many come. */
  hear(row: Summary): void {
    if (!this.known.omitted.has(row.id)) this.#news.hear(row);
  }

  /** Of some, all of them older than the newest ones, nothing was told. */
  skipped(some: Skipped): void {
    this.#skips.note(some);
    this.#missed = true;
    if (this.#atTop && !this.hasNewer) return this.#news.soon();
    // Those that are held have a hole in them now.
    [this.hasNewer, this.held] = [true, []];
    this.waiting += some.exchanges;
    if (this.#skips.isLookDue(this.ids.map((id) => this.known.get(id)))) void this.refetch();
  }

  /** The reader is at the top, or not. */
  reading(atTop: boolean): void {
    this.#atTop = atTop && !this.hasNewer;
    if (this.#atTop && this.held.length > 0) this.#release();
  }

  /** Goes back to the newest one. */
  toTop(): void {
    if (this.hasNewer) return void this.goTo({ id: Number.MAX_SAFE_INTEGER - 1 });
    this.topAsked += 1;
    this.reading(true);
  }

  /** Takes an exchange out; news of it may wait to be put in. */
  override remove(gone: number): void {
    const is = (id: number) => id !== gone;
    super.remove(gone);
    this.#news.remove(gone);
    if (this.held.includes(gone)) this.waiting = Math.max(0, this.waiting - 1);
    this.held = this.held.filter(is);
    this.#meanwhile = this.#meanwhile?.filter(is) ?? null;
  }

  /** Everything was deleted. */
  clear(): void {
    this.#news.clear();
    [this.ids, this.held, this.waiting, this.hasMore, this.hasNewer] = [[], [], 0, false, false];
    this.toTop();
    void this.refetch();
  }

  /** Puts in what was held back. */
  #release(): void {
    this.ids = merge(this.ids, this.held, this.hasMore);
    [this.held, this.waiting] = [[], 0];
  }

  /** Ends what is under way. */
  #restart(): AbortController {
    for (const wish of [this.#fetching, this.#loading, this.#loadingNewer]) wish?.abort();
    this.#skips.forget();
    [this.#loadingNewer, this.loadingMore] = [null, false];
    return (this.#fetching = new AbortController());
  }

  /** Once the newest one is loaded, none waits any more. */
  #catchUp(): void {
    if (!this.hasNewer) this.waiting = 0;
    if (!this.hasNewer && this.#missed) void this.refetch();
  }

  /** The first answer is there. A search that takes long answers with fewer: it goes on. */
  #began(answer: Summaries): void {
    this.search = further(null, answer.search);
    this.loaded = true;
    if (this.#isUnderWay) void this.loadMore();
  }

  /** Fetches the part that is shown, which is not the newest. */
  async #fetchHere(fetching: AbortController): Promise<void> {
    const first = this.ids[0];
    if (first === undefined) return this.goTo({ id: Number.MAX_SAFE_INTEGER - 1 });
    const answer = await this.answered({ before: first + 1, limit: pageOf(this.ids.length) }, fetching);
    if (answer !== null && this.ids[0] === first)
      this.ids = refresh(this.ids, this.noteFetched(answer.exchanges), answer.next_before != null);
  }

  /** True if the last answer came before the search had found as many as it was asked for. */
  get #isUnderWay(): boolean {
    return this.#next !== undefined && this.#next !== this.ids.at(-1);
  }

  /** Shows `ids`; of more than are kept, those at one end are let go. */
  #extend(ids: readonly number[], letGo: 'newest' | 'oldest'): void {
    if (ids.length > KEPT && letGo === 'newest') {
      [this.hasNewer, this.#nextNewer, this.held] = [true, undefined, []];
      this.ids = ids.slice(-KEPT);
    } else if (ids.length > KEPT) {
      [this.hasMore, this.#next] = [true, undefined];
      this.ids = ids.slice(0, KEPT);
    } else this.ids = ids;
    this.#forget();
  }

  /** The newest part is as in `fetched`, pins included; there are older ones if there is a `next` number. */
  #replace(fetched: readonly Summary[], next: number | undefined): void {
    const more = next !== undefined;
    const seen = this.ids[0] ?? Infinity;
    const found = this.noteFetched(fetched);
    const ids = refresh(this.ids, found, more);
    if (ids.length === found.length) [this.hasMore, this.#next] = [more, next];
    const all = merge(ids, this.#meanwhile ?? [], this.hasMore);
    // So much is new that nothing the reader saw is left.
    if (!this.#atTop && !all.some((id) => id <= seen)) this.toTop();
    const isHeld = (id: number) => !this.#atTop && id > seen;
    this.ids = all.filter((id) => !isHeld(id));
    this.#hold(all.filter(isHeld));
    this.#forget();
  }

  #apply(news: readonly Summary[]): void {
    const newest = this.ids[0] ?? 0;
    const found = news.filter((row) => this.#concerns(row, newest)).map(({ id }) => id);
    this.#meanwhile?.push(...found);
    if (this.#atTop && !this.hasNewer) {
      const to = this.#skips.take();
      const isAbove = (id: number) => id > to;
      // There is a hole below: older ones are loaded when they are wanted.
      if (to > 0) [this.ids, this.hasMore, this.#next] = [this.ids.filter(isAbove), true, undefined];
      return this.#extend(merge(this.ids, found.filter(isAbove), this.hasMore), 'oldest');
    }
    const [older, newer] = [found.filter((id) => id <= newest), found.filter((id) => id > newest)];
    this.ids = merge(this.ids, older, this.hasMore);
    if (!this.hasNewer) this.#hold(merge(this.held, newer, false));
    this.#forget();
  }

  /** Notes news of an exchange that is shown or is to be; counts it if it is newer than what is loaded. */
  #concerns(row: Summary, newest: number): boolean {
    const isFirst = row.id > this.highest;
    this.highest = Math.max(this.highest, row.id);
    if (row.id > newest && this.hasNewer) {
      if (isFirst) this.waiting += 1;
      this.#missed = true;
      return false;
    }
    const isOlder = this.hasMore && row.id < (this.ids.at(-1) ?? 0);
    if (isOlder && this.known.get(row.id) === undefined) return false;
    this.note(row);
    return true;
  }

  #hold(held: readonly number[]): void {
    this.waiting = held.length;
    this.hasNewer = held.length > HELD;
    this.held = this.hasNewer ? [] : held;
  }

  /** Forgets what the list does not name any more, once that is much. */
  #forget(): void {
    const meanwhile = this.#meanwhile ?? [];
    const named = this.ids.length + this.held.length + meanwhile.length;
    if (this.known.size < 2 * named + LARGEST_PAGE) return;
    this.known.keep([...this.ids, ...this.held, ...meanwhile]);
  }
}
