// The exchanges: what is known of each, and the list of those that match a query.
import { deleteAllExchanges } from '../api/calls';
import type { Order, Skipped, Summary } from '../api/types';
import { Chosen } from './chosen.svelte';
import { Entities } from './entities.svelte';
import { ExchangeList } from './list.svelte';
import { SortedList } from './sorted.svelte';

/** A list of exchanges: the newest first, or in another order. */
export type List = ExchangeList | SortedList;

export class Exchanges {
  /** State of each that the page knows, by its number. */
  readonly known = new Entities<Summary>();
  /** Those that are chosen: only ones that are in the list. */
  readonly chosen = new Chosen();
  /** Those that match the query, from the newest on. */
  list = $state.raw<List>(new ExchangeList('', this.known));
  /** Settles once the list's first answer is there, or is not to be had. */
  #first: Promise<void> = Promise.resolve();

  get query(): string {
    return this.list.query;
  }

  /** Shows what matches `query`, in the order that there is, or in another. */
  show(query: string, order: Order | null = this.list.order): void {
    this.chosen.clear();
    this.#show(query, order);
  }

  /** Shows the same in another order; null for the newest first. */
  sort(order: Order | null): void {
    this.#show(this.query, order);
  }

  /** Fetches the list again, once its first answer is there: that is not thrown away. */
  async refetch(): Promise<void> {
    const { list } = this;
    list.isDue = true;
    await this.#first;
    list.isDue = false;
    if (this.list === list) await list.refetch();
  }

  get(id: number): Summary | undefined {
    return this.known.get(id);
  }

  /** News from the live stream of an exchange that matches the query. */
  hear(row: Summary): void {
    this.list.hear(row);
  }

  /** So much passes that of some nothing is told. */
  skipped(some: Skipped): void {
    this.list.skipped(some);
  }

  /** One that matched the query does not match any more. */
  left(id: number): void {
    this.chosen.leave([id]);
    this.list.remove(id);
  }

  /** Takes an exchange out that was deleted, or is not kept. */
  remove(id: number): void {
    this.chosen.leave([id]);
    this.list.remove(id);
    this.known.delete(id);
  }

  /** Shows some no more, until they are to be shown again. */
  omit(ids: readonly number[]): void {
    this.chosen.leave(ids);
    for (const id of ids) this.known.omitted.add(id);
    this.list.removeAll(this.known.omitted);
  }

  restore(ids: readonly number[]): void {
    for (const id of ids) this.known.omitted.delete(id);
    void this.list.refetch();
  }

  /** An exchange was pinned, or is no more. */
  pinned(id: number, pinned: boolean): void {
    this.known.change(id, { pinned });
  }

  /** An exchange has these tags now. */
  tagged(id: number, tags: string[]): void {
    this.known.change(id, { tags });
    if (tags.length > 0) this.list.hasTags = true;
  }

  /** Deletes every stored exchange, those that are `pinned` too or not; answers how many. */
  async clear(pinned: boolean): Promise<number> {
    const { deleted } = await deleteAllExchanges(pinned);
    this.chosen.clear();
    this.known.keep([]);
    this.list.clear();
    return deleted;
  }

  #show(query: string, order: Order | null): void {
    this.list.end();
    this.list = order === null ? new ExchangeList(query, this.known) : new SortedList(query, this.known, order);
    this.#first = this.list.refetch();
  }
}
