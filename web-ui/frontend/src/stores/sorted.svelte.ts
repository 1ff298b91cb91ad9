// The exchanges for one query in the order of one of their values. New ones are counted, and sorted in on demand.
import type { Order, Skipped, SortProgress, Summary } from '../api/types';
import type { Entities } from './entities.svelte';
import { PAGE } from './page_size';
import { Pages } from './pages.svelte';

/** Milliseconds that dashcam may look for the first ones of an order. */
const WITHIN_MS = 8000;
/** So many are loaded at most. */
const KEPT = 4000;

export class SortedList extends Pages {
  /** How much was sorted. */
  sorted = $state.raw<SortProgress | null>(null);
  readonly held: readonly number[] = [];
  readonly hasNewer = false;
  readonly search = null;
  readonly stopped = false;
  #fetching = new AbortController();

  constructor(
    query: string,
    known: Entities<Summary>,
    readonly order: Order,
  ) {
    super(query, known);
  }

  get hasMore(): boolean {
    return this.sorted?.next != null && this.ids.length < KEPT;
  }

  /** The last one of the order is loaded. */
  get isWhole(): boolean {
    return this.sorted !== null && this.sorted.next == null;
  }

  end(): void {
    this.ended = true;
    this.#fetching.abort();
  }

  indexOf(id: number): number {
    return this.ids.indexOf(id);
  }

  /** Sorts again. */
  async refetch(): Promise<void> {
    this.#fetching.abort();
    this.loadingMore = false;
    this.#fetching = new AbortController();
    await this.#load(null);
  }

  async loadMore(): Promise<void> {
    const from = this.sorted?.next;
    if (from != null && this.hasMore && !this.loadingMore) await this.#load(from);
  }

  loadNewer(): Promise<void> {
    return Promise.resolve();
  }

  /** Shows the first ones, or as much of the others as is loaded. */
  goTo(to: object | 'oldest'): Promise<void> {
    if (to === 'oldest') this.endAsked += 1;
    return Promise.resolve();
  }

  hear(row: Summary): void {
    if (this.known.get(row.id) !== undefined) this.note(row);
    if (row.id > this.highest) this.waiting += 1;
    this.highest = Math.max(this.highest, row.id);
  }

  skipped({ exchanges }: Skipped): void {
    this.waiting += exchanges;
  }

  reading(): void {
    // News wait wherever the reader is.
  }

  toTop(): void {
    this.topAsked += 1;
    if (this.waiting > 0) void this.refetch();
  }

  clear(): void {
    this.ids = [];
    this.toTop();
    void this.refetch();
  }

  stop(): void {
    this.#fetching.abort();
  }

  goOn(): void {
    void this.loadMore();
  }

  async #load(from: string | null): Promise<void> {
    const wish = this.#fetching;
    this.loadingMore = true;
    const { by, order } = this.order;
    const query = { sort: by, order, limit: PAGE, within: WITHIN_MS, ...(from !== null && { from }) };
    const answer = await this.answered(query, wish);
    if (wish !== this.#fetching) return;
    this.loadingMore = false;
    if (answer === null) return;
    const before = from === null ? [] : this.ids;
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- lives for this line only
    this.ids = [...new Set([...before, ...this.noteFetched(answer.exchanges)])];
    if (from === null) this.waiting = 0;
    this.sorted = answer.sorted;
    this.loaded = true;
  }
}
