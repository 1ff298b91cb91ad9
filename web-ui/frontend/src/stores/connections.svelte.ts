// Client connections that failed, newest first: those that never became an exchange above all.
import { fetchConnections } from '../api/calls';
import { messageOf } from '../api/error';
import type { Connection } from '../api/types';

const PAGE = 100;

export class FailedConnections {
  rows = $state.raw<readonly Connection[]>([]);
  hasMore = $state(false);
  loaded = $state(false);
  error = $state<string | null>(null);
  selected = $state<number | null>(null);

  async refetch(): Promise<void> {
    try {
      const answer = await fetchConnections({ failed: true, limit: PAGE });
      this.rows = answer.connections;
      this.hasMore = answer.next_before != null;
      this.loaded = true;
      this.error = null;
    } catch (error) {
      this.error = messageOf(error);
    }
  }

  async loadMore(): Promise<void> {
    const before = this.rows.at(-1)?.id;
    if (!this.hasMore || before === undefined) return;
    try {
      const answer = await fetchConnections({ failed: true, limit: PAGE, before });
      this.rows = [...this.rows.filter((row) => row.id >= before), ...answer.connections];
      this.hasMore = answer.next_before != null;
    } catch (error) {
      this.error = messageOf(error);
    }
  }

  /** News of a connection, failed or not. */
  hear(connection: Connection): void {
    if (connection.failure == null) return;
    const others = this.rows.filter((row) => row.id !== connection.id);
    this.rows = [connection, ...others].sort((a, b) => b.id - a.id);
  }
}
