// The live stream: what happens is told to the stores.
import { watch, type LiveState } from '../api/live';
import type { Gap } from '../api/types';
import { missing, why } from '../format/gaps';
import * as texts from '../texts/notices';
import type { FailedConnections } from './connections.svelte';
import type { Detail } from './detail.svelte';
import type { Exchanges } from './exchanges.svelte';
import type { Gaps } from './gaps.svelte';
import type { SettingsHistory } from './history.svelte';
import type { Leases } from './leases.svelte';
import type { Notices } from './notices.svelte';
import type { Recording } from './recording.svelte';
import type { Rules } from './rules.svelte';
import type { Snapshots } from './snapshots.svelte';
import type { UnreadConnections } from './unread.svelte';

/** The stores that the stream feeds. */
export interface Fed {
  exchanges: Exchanges;
  detail: Detail;
  connections: FailedConnections;
  unread: UnreadConnections;
  gaps: Gaps;
  recording: Recording;
  rules: Rules;
  leases: Leases;
  snapshots: Snapshots;
  changes: SettingsHistory;
  notices: Notices;
}

/** So long the list is waited for before the rest is fetched: in another order it may take seconds. */
const LIST_FIRST_MS = 300;

export class Feed {
  state = $state<LiveState>('connecting');
  readonly #fed: Fed;
  #stop: () => void = () => undefined;
  /** Grows when what was being fetched again is not to go on. */
  #turn = 0;

  constructor(fed: Fed) {
    this.#fed = fed;
  }

  stop(): void {
    this.#turn += 1;
    this.#stop();
  }

  /** Feeds from exchanges that match `query`, until it is stopped or started for another. */
  start(query: string): void {
    const { exchanges, detail, connections, unread, recording, notices } = this.#fed;
    this.stop();
    this.#stop = watch(query, {
      exchange: (row) => {
        exchanges.hear(row);
        detail.hear(row);
      },
      skipped: (some) => exchanges.skipped(some),
      left: (id) => exchanges.left(id),
      discarded: (id) => exchanges.remove(id),
      message: (exchange, message) => detail.messages.hear(exchange, message),
      connection: (connection) => {
        connections.hear(connection);
        unread.hear(connection);
      },
      gap: (gap) => this.#gap(gap),
      settings: (settings) => {
        recording.changed(settings);
        this.#changed();
      },
      step: (step) => {
        recording.stepped(step);
        void this.#fed.changes.refetch();
      },
      missed: () => void this.#catchUp(),
      state: (state) => {
        this.state = state;
        if (state === 'live') notices.settle('live');
      },
      // The status call tells why: no longer signed in, or not running.
      refused: () => void this.#refused(),
    });
  }

  /** Fetches everything again: what is looked at first, and the rest one by one, so that the page answers meanwhile. */
  async #catchUp(): Promise<void> {
    const { exchanges, detail, connections, unread, gaps, snapshots, rules, leases, changes } = this.#fed;
    const turn = (this.#turn += 1);
    detail.reload();
    unread.refetch();
    await Promise.race([exchanges.refetch(), new Promise((on) => setTimeout(on, LIST_FIRST_MS))]);
    for (const store of [rules, leases, gaps, connections, snapshots, changes]) {
      if (this.#turn !== turn) return;
      await store.refetch();
    }
  }

  /** Somebody has changed what is recorded. */
  #changed(): void {
    const { rules, leases, changes } = this.#fed;
    void rules.refetch();
    void leases.refetch();
    void changes.refetch();
  }

  async #refused(): Promise<void> {
    const { exchanges, recording, notices } = this.#fed;
    await recording.refresh();
    // A filter that can't be read says so in its field, and stays one until it is changed.
    if (exchanges.list.fault !== null) return this.#stop();
    if (notices.locked || recording.error !== null) return;
    notices.warn('live', texts.notLive);
  }

  #gap(gap: Gap): void {
    const { gaps, recording, notices } = this.#fed;
    notices.warn('gap', texts.gap(missing(gap.exchanges), why(gap.reason)));
    void gaps.refetch();
    void recording.refresh();
  }
}
