// The snapshots: what the flight recorder has written down, and what killed runs have left.
import { fetchSnapshots, removeSnapshot, saveSnapshot, takeSnapshot } from '../api/calls';
import { messageOf } from '../api/error';
import type { Flight, Snapshot, SnapshotRequest } from '../api/types';
import * as texts from '../texts/notices';
import type { Notices } from './notices.svelte';

export class Snapshots {
  /** The latest first. */
  list = $state.raw<readonly Snapshot[]>([]);
  /** The flight recorder; null if there is none. */
  flight = $state.raw<Flight | null>(null);
  loaded = $state(false);
  error = $state<string | null>(null);
  /** The names of those about which a call is under way. */
  busy = $state.raw<readonly string[]>([]);
  /** Those that killed runs have left, which are not stored yet. */
  recovered = $derived(this.list.filter(({ state }) => state === 'recovered'));
  readonly #notices: Notices;

  constructor(notices: Notices) {
    this.#notices = notices;
  }

  async refetch(): Promise<void> {
    try {
      const { snapshots, flight } = await fetchSnapshots();
      [this.list, this.flight, this.loaded, this.error] = [snapshots, flight, true, null];
    } catch (error) {
      this.error = messageOf(error);
    }
  }

  /** Takes one now, or joins the one that is being taken. Throws if that fails. */
  async take(request: SnapshotRequest): Promise<void> {
    const { name, joined } = await takeSnapshot(request);
    this.#notices.info(joined ? texts.snapshotJoined(name) : texts.snapshotTaken(name));
    await this.refetch();
  }

  /** Stores one that a killed run has left. */
  async save(name: string): Promise<void> {
    await this.#about(name, texts.snapshotNotStored(name), () => saveSnapshot(name));
  }

  /** Deletes one with its exchanges; answers whether that was done. */
  async remove(name: string): Promise<boolean> {
    return this.#about(name, texts.snapshotNotDeleted(name), () => removeSnapshot(name));
  }

  async #about(name: string, failed: string, call: () => Promise<void>): Promise<boolean> {
    this.busy = [...this.busy, name];
    try {
      await call();
      return true;
    } catch (error) {
      this.#notices.failed(failed, error);
      return false;
    } finally {
      this.busy = this.busy.filter((other) => other !== name);
      await this.refetch();
    }
  }
}
