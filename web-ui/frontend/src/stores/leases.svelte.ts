// The leases: rules before all others, which end by themselves.
import { beginLease, endLease, extendLease, fetchLeases } from '../api/calls';
import { messageOf } from '../api/error';
import type { Lease, LeaseMore, NewLease } from '../api/types';
import * as texts from '../texts/notices';
import type { Notices } from './notices.svelte';
import type { Recording } from './recording.svelte';

/** The most that have ended and are asked for. */
const ENDED = 100;

export class Leases {
  /** Those in force, the newest first, as each status has them. */
  list = $derived.by((): readonly Lease[] => this.#recording.status?.leases ?? []);
  /** Those that have ended, the newest first. */
  ended = $state.raw<readonly Lease[]>([]);
  error = $state<string | null>(null);
  /** Those about which a call is under way. */
  busy = $state.raw<readonly number[]>([]);
  readonly #notices: Notices;
  readonly #recording: Recording;

  constructor(notices: Notices, recording: Recording) {
    this.#notices = notices;
    this.#recording = recording;
  }

  /** Fetches those that have ended. */
  async refetch(): Promise<void> {
    try {
      const { leases } = await fetchLeases(ENDED);
      this.ended = leases.filter(({ ended_at }) => ended_at !== null);
      this.error = null;
    } catch (error) {
      this.error = messageOf(error);
    }
  }

  /** Begins one. Throws if that fails. */
  async begin(lease: NewLease): Promise<void> {
    await beginLease(lease);
    await this.#recording.refresh();
  }

  /** Lets one go on for longer. */
  async extend(id: number, more: LeaseMore): Promise<void> {
    await this.#about(id, texts.leaseNotExtended, () => extendLease(id, more));
  }

  async end(id: number): Promise<void> {
    await this.#about(id, texts.leaseGoesOn, () => endLease(id));
    void this.refetch();
  }

  async #about(id: number, failed: string, call: () => Promise<unknown>): Promise<void> {
    this.busy = [...this.busy, id];
    await call().catch((error) => this.#notices.failed(failed, error));
    await this.#recording.refresh();
    this.busy = this.busy.filter((other) => other !== id);
  }
}
