// Client connections that failed, newest first: those that never became an exchange above all.
import { fetchConnections } from '../api/calls';
import { messageOf } from '../api/error';
import type { Connection } from '../api/types';
import { Entities } from './entities.svelte';
import { merge } from './merge';

const PAGE = 100;

export class FailedConnections {
  /** State of each that the page knows, by its number. */
  readonly known = new Entities<Connection>();
  ids = $state.raw<readonly number[]>([]);
  rows = $derived(this.known.all(this.ids));
  hasMore = $state(false);
  loaded = $state(false);
  error = $state<string | null>(null);

  async refetch(): Promise<void> {
    try {
      const answer = await fetchConnections({ failed: true, limit: PAGE });
      this.ids = this.#note(answer.connections);
      this.known.keep(this.ids);
      this.hasMore = answer.next_before != null;
      this.loaded = true;
      this.error = null;
    } catch (error) {
      this.error = messageOf(error);
    }
  }

  async loadMore(): Promise<void> {
    const before = this.ids.at(-1);
    if (!this.hasMore || before === undefined) return;
    try {
      const answer = await fetchConnections({ failed: true, limit: PAGE, before });
      this.ids = [...this.ids.filter((id) => id >= before), ...this.#note(answer.connections)];
      this.hasMore = answer.next_before != null;
    } catch (error) {
      this.error = messageOf(error);
    }
  }

  /** News of a connection, failed or not. */
  hear(connection: Connection): void {
    if (connection.failure == null) return;
    this.ids = merge(this.ids, this.#note([connection]), false);
  }

  #note(connections: readonly Connection[]): number[] {
    connections.forEach((connection) => this.known.put(connection));
    return connections.map(({ id }) => id);
  }
}
