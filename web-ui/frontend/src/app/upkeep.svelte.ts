// Changes of what is stored that do not lead anywhere else.
import { pinExchange, unpinExchange } from '../api/calls';
import * as notices from '../texts/notices';
import { Stores } from './stores.svelte';

export class Upkeep extends Stores {
  /** Pins the open exchange, so that the bounds of the recording leave it alone, or leaves it to them again. */
  async togglePin(): Promise<void> {
    const { exchange } = this.detail;
    if (exchange === null) return;
    const { id, pinned } = exchange;
    try {
      await (pinned ? unpinExchange(id) : pinExchange(id));
      this.exchanges.pinned(id, !pinned);
      this.detail.pinned(id, !pinned);
      void this.recording.refresh();
    } catch (error) {
      this.notices.failed(pinned ? notices.notUnpinned(id) : notices.notPinned(id), error);
    }
  }

  /** Tells if a value that is recorded can be redacted here. */
  get mayRedact(): boolean {
    return this.caller.may('admin') && !this.recording.lookedAt;
  }

  /** What is stored was changed in place: it is fetched again. */
  rewritten(): void {
    this.detail.refetch();
    void this.exchanges.list.refetch();
    this.histogram.recount();
    void this.recording.refresh();
  }

  /** Deletes a snapshot with its exchanges. */
  async removeSnapshot(name: string): Promise<void> {
    if (!(await this.snapshots.remove(name))) return;
    void this.exchanges.list.refetch();
    this.histogram.recount();
    void this.recording.refresh();
  }

  /** Lets connections of a client and a host that are tunnelled be decrypted again. */
  async decryptAgain(id: number): Promise<void> {
    try {
      await this.rejected.remove(id);
      void this.recording.refresh();
    } catch (error) {
      this.notices.failed(notices.stillTunnelled, error);
    }
  }
}
