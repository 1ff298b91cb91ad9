// The audit log: who read, exported, replayed, unsealed and deleted what.
import { fetchAudit } from '../api/calls';
import { messageOf } from '../api/error';
import type { AuditEntry } from '../api/types';

const PAGE = 100;
/** The most that dashcam answers with. */
const MOST = 1000;

export class AuditLog {
  /** The latest first. */
  entries = $state.raw<readonly AuditEntry[]>([]);
  /** Entries that could not be written. */
  lost = $state(0);
  hasMore = $state(false);
  loaded = $state(false);
  error = $state<string | null>(null);
  /** A part of the name of the one who did it. */
  who = $state('');
  /** The kind that is shown; empty for all. */
  action = $state('');
  #limit = PAGE;
  #latest = 0;

  /** Fetches what is shown once more. */
  async refetch(): Promise<void> {
    const call = ++this.#latest;
    const [who, action] = [this.who.trim(), this.action];
    const query = { limit: this.#limit, ...(who !== '' && { who }), ...(action !== '' && { action }) };
    try {
      const log = await fetchAudit(query);
      if (call !== this.#latest) return;
      this.entries = log.entries;
      this.lost = log.lost;
      this.hasMore = log.next_before !== null && this.#limit < MOST;
      this.loaded = true;
      this.error = null;
    } catch (error) {
      if (call === this.#latest) this.error = messageOf(error);
    }
  }

  /** Shows those of `who` and of one kind. */
  async filter(who: string, action: string): Promise<void> {
    [this.who, this.action, this.#limit] = [who, action, PAGE];
    await this.refetch();
  }

  /** Shows earlier ones as well. */
  async loadMore(): Promise<void> {
    this.#limit = Math.min(this.#limit + PAGE, MOST);
    await this.refetch();
  }
}
