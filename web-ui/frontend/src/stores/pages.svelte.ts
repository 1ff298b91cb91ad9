// Pages of exchanges as dashcam answers them, with the errors of a query.
import { fetchExchanges, type ListQuery } from '../api/calls';
import { filterFaultOf, messageOf } from '../api/error';
import type { Ends, FilterFault, Summaries, Summary } from '../api/types';
import type { Entities } from './entities.svelte';
import { later } from './merge';

/** Milliseconds after which a search is to tell how far it came. */
const TOLD_MS = 500;

export class Pages {
  /** The numbers of those that are shown, from the top. */
  ids = $state.raw<readonly number[]>([]);
  /** How many came that are not shown yet. */
  waiting = $state(0);
  /** True once an answer is there. */
  loaded = $state(false);
  loadingMore = $state(false);
  /** Counts the wishes to see the top of what is loaded, and its end. */
  topAsked = $state(0);
  endAsked = $state(0);
  error = $state<string | null>(null);
  /** The error in the query, if it can't be read. */
  fault = $state<FilterFault | null>(null);
  /** The first and the last exchange of the recording, whether they match or not. */
  ends = $state.raw<Ends | null>(null);
  /** Some have tags. */
  hasTags = $state(false);
  /** It is fetched again once its first answer is there: until then no more is loaded. */
  isDue = false;
  /** The highest number that was heard of. */
  protected highest = 0;
  /** Answers that are under way count no more. */
  protected ended = false;
  /** For each answer that is under way, those that were taken out since it was asked for: it may still have them. */
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nobody looks at it but this
  readonly #gone = new Set<Set<number>>();

  /** Of what matches `query`; what comes of an exchange is noted in `known`. */
  constructor(
    readonly query: string,
    readonly known: Entities<Summary>,
  ) {}

  /** Takes one out that was deleted, is not kept, or does not match any more. */
  remove(gone: number): void {
    for (const since of this.#gone) since.add(gone);
    if (this.ids.includes(gone)) this.ids = this.ids.filter((id) => id !== gone);
  }

  /** Takes some out. */
  removeAll(gone: ReadonlySet<number>): void {
    this.ids = this.ids.filter((id) => !gone.has(id));
  }

  /** Notes news of an exchange, unless later ones are known. */
  protected note(news: Summary): void {
    for (const since of this.#gone) since.delete(news.id);
    const before = this.known.get(news.id);
    this.known.put(before === undefined ? news : later(before, news));
  }

  /** Notes what was fetched: pins and tags are as they are there. */
  protected noteFetched(fetched: readonly Summary[]): number[] {
    const rows = fetched.filter(({ id }) => !this.known.omitted.has(id));
    for (const row of rows) {
      const { pinned, tags } = row;
      this.known.put({ ...later(this.known.get(row.id) ?? row, row), pinned, tags });
      if (tags.length > 0) this.hasTags = true;
    }
    return rows.map(({ id }) => id);
  }

  /** dashcam's answer; null if it does not, or nobody wants to know any more. */
  protected async answered(query: ListQuery, wish: AbortController): Promise<Summaries | null> {
    const filtered = this.query === '' ? query : { within: TOLD_MS, ...query, filter: this.query };
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- lives for this call only
    const gone = new Set<number>();
    this.#gone.add(gone);
    try {
      const answer = await fetchExchanges(filtered, wish.signal);
      if (this.ended || wish.signal.aborted) return null;
      this.ends = answer.ends;
      this.highest = Math.max(this.highest, answer.ends?.last ?? 0);
      [this.error, this.fault] = [null, null];
      return gone.size === 0 ? answer : { ...answer, exchanges: answer.exchanges.filter(({ id }) => !gone.has(id)) };
    } catch (error) {
      if (!wish.signal.aborted) [this.fault, this.error] = [filterFaultOf(error), messageOf(error)];
      return null;
    } finally {
      this.#gone.delete(gone);
    }
  }
}
