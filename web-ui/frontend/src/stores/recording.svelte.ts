// The recording itself: its level, its ledger, its health.
import { closeUnread, fetchStatus, setLevel } from '../api/calls';
import { messageOf } from '../api/error';
import type { Level, Settings, Status, StepInForce } from '../api/types';
import { ratesOf, type Rates } from '../format/rates';
import * as texts from '../texts/notices';
import type { Caller } from './caller.svelte';
import type { Notices } from './notices.svelte';

const POLL_MS = 2000;
/** The least time between two answers that make a rate. */
const LEAST_S = 1;

/** `/status`, asked for every two seconds while the page is in sight, and the level switch. */
export class Recording {
  status = $state.raw<Status | null>(null);
  /** How much passes, between the last two answers. */
  rates = $state.raw<Rates | null>(null);
  /** The answer that the next rate is counted from, and when it came. */
  #rated: Status | null = null;
  #answeredAt = -Infinity;
  /** Why the status could not be had, if so. */
  error = $state<string | null>(null);
  /** The level that has been asked for and is not confirmed yet. */
  wanted = $state<Level | null>(null);
  /** Which instance of dashcam answers; it changes when dashcam was started anew. */
  startedAt = $derived(this.status?.started_at ?? null);
  /** Whether the recording is only looked at, as another dashcam records to it. */
  lookedAt = $derived(this.status?.read_only ?? false);
  /** Whether nothing can be changed here: it is only looked at, or the role does not allow it. */
  readOnly = $derived.by(() => this.lookedAt || !this.#caller.may('operator'));
  level = $derived(this.status?.settings.level ?? null);
  /** Connections that are not recorded though the level says so: they were opened before. */
  unread = $derived(this.level === 'full' || this.level === 'metadata' ? (this.status?.unread_connections ?? 0) : 0);
  paused = $derived(this.status?.recording.state === 'paused');
  /** How far an older recording is brought up to date, in percent; null when nothing is left to do. */
  upgraded = $derived.by(() => {
    const left = this.status?.backfills ?? [];
    const sum = (of: (one: (typeof left)[number]) => number) => left.reduce((all, one) => all + of(one), 0);
    return left.length === 0
      ? null
      : Math.floor(
          (100 * sum((one) => one.done)) /
            Math.max(
              1,
              sum((one) => one.total),
            ),
        );
  });
  dropped = $derived(Object.values(this.status?.ledger.dropped ?? {}).reduce((sum, one) => sum + one, 0));
  readonly #notices: Notices;
  readonly #caller: Caller;

  constructor(notices: Notices, caller: Caller) {
    this.#notices = notices;
    this.#caller = caller;
  }

  /** Asks at once and then again and again, until the returned function is called. */
  start(): () => void {
    const tick = () => {
      if (!document.hidden && !this.#notices.locked) void this.refresh();
    };
    tick();
    const timer = setInterval(tick, POLL_MS);
    document.addEventListener('visibilitychange', tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
    };
  }

  async refresh(): Promise<void> {
    try {
      const status = await fetchStatus();
      const now = performance.now();
      const seconds = (now - this.#answeredAt) / 1000;
      // After a change of the settings the status is asked for at once: a moment says nothing of a rate.
      if (seconds >= LEAST_S) {
        this.rates = ratesOf(this.#rated, status, seconds);
        this.#rated = status;
        this.#answeredAt = now;
      }
      this.status = status;
      this.error = null;
    } catch (error) {
      this.error = messageOf(error);
    }
  }

  /** Changes the level; `why` is for the history. */
  async switchTo(level: Level, why = ''): Promise<void> {
    this.wanted = level;
    try {
      const { unread_connections, ...settings } = await setLevel(level, why.trim() === '' ? null : why.trim());
      this.changed(settings);
      if (this.status !== null) this.status = { ...this.status, unread_connections };
    } catch (error) {
      this.#notices.failed(texts.notSwitched(level), error);
    } finally {
      this.wanted = null;
    }
  }

  /** Closes the connections that are not recorded; they end within seconds. */
  async closeUnread(): Promise<void> {
    try {
      await closeUnread();
      await this.refresh();
    } catch (error) {
      this.#notices.failed(texts.notClosed, error);
    }
  }

  /** The budget holds the recording at this step now. */
  stepped(step: StepInForce): void {
    const budget = this.status?.budget;
    if (this.status !== null && budget != null) this.status = { ...this.status, budget: { ...budget, ...step } };
  }

  /** The settings are these now, by whoever's hand. */
  changed(settings: Settings): void {
    if (this.status !== null) this.status = { ...this.status, settings };
  }
}
