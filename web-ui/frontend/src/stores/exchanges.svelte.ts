// The exchanges: what is known of each, and the list of those that match a query.
import { deleteAllExchanges } from '../api/calls';
import type { Summary } from '../api/types';
import { Entities } from './entities.svelte';
import { ExchangeList } from './list.svelte';

export class Exchanges {
  /** State of each that the page knows, by its number. */
  readonly known = new Entities<Summary>();
  /** Those that match the query, from the newest on. */
  list = $state.raw(new ExchangeList('', this.known));

  get query(): string {
    return this.list.query;
  }

  /** Shows what matches `query`, from the newest on. */
  show(query: string): void {
    this.list.end();
    this.list = new ExchangeList(query, this.known);
    void this.list.refetch();
  }

  get(id: number): Summary | undefined {
    return this.known.get(id);
  }

  /** News from the live stream of an exchange that matches the query. */
  hear(row: Summary): void {
    this.list.hear(row);
  }

  /** One that matched the query does not match any more. */
  left(id: number): void {
    this.list.remove(id);
  }

  /** Takes an exchange out that was deleted, or is not kept. */
  remove(id: number): void {
    this.list.remove(id);
    this.known.delete(id);
  }

  /** An exchange was pinned, or is no more. */
  pinned(id: number, pinned: boolean): void {
    this.known.change(id, { pinned });
  }

  /** Deletes every stored exchange, those that are `pinned` too or not; answers how many. */
  async clear(pinned: boolean): Promise<number> {
    const { deleted } = await deleteAllExchanges(pinned);
    this.known.keep([]);
    this.list.clear();
    return deleted;
  }
}
