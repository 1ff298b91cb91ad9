// Clients and hosts that are tunnelled unread because one of them refuses dashcam's TLS.
import { fetchRejected, removeRejected } from '../api/calls';
import { messageOf } from '../api/error';
import type { RejectedPair } from '../api/types';

export class Rejected {
  pairs = $state.raw<readonly RejectedPair[]>([]);
  error = $state<string | null>(null);
  /** Numbers of those that are being removed. */
  removing = $state.raw<readonly number[]>([]);

  async refetch(): Promise<void> {
    try {
      this.pairs = (await fetchRejected()).pairs;
      this.error = null;
    } catch (error) {
      this.error = messageOf(error);
    }
  }

  /** Lets connections of a pair be decrypted again. Throws if that fails. */
  async remove(id: number): Promise<void> {
    this.removing = [...this.removing, id];
    try {
      await removeRejected(id);
      this.pairs = this.pairs.filter((pair) => pair.id !== id);
    } finally {
      this.removing = this.removing.filter((other) => other !== id);
    }
  }
}
