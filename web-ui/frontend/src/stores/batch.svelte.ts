// What is done with several exchanges at once. Those that are deleted vanish at once and are gone some seconds later, so that
// it can be undone.
import { deleteExchanges, fetchSnippet, noteExchange, pinExchange, replayExchange, unpinExchange } from '../api/calls';
import { plural } from '../format/size';
import type { Exchanges } from './exchanges.svelte';
import type { Notices } from './notices.svelte';

/** Milliseconds in which a deletion can be undone. */
export const UNDO_MS = 8000;
/** The most that one call deletes. */
const AT_ONCE = 1000;

export class Batch {
  /** Those that are about to be deleted. */
  doomed = $state.raw<readonly number[]>([]);
  /** Something is being done. */
  busy = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #exchanges: Exchanges;
  readonly #notices: Notices;

  constructor(exchanges: Exchanges, notices: Notices) {
    this.#exchanges = exchanges;
    this.#notices = notices;
  }

  /** Deletes what is to be deleted when the page is left; the returned function ends that. */
  start(): () => void {
    const leaving = () => void this.#delete(true);
    addEventListener('pagehide', leaving);
    return () => removeEventListener('pagehide', leaving);
  }

  pin(ids: readonly number[], pinned: boolean): Promise<void> {
    return this.#each(ids, pinned ? 'pinned' : 'unpinned', async (id) => {
      await (pinned ? pinExchange(id) : unpinExchange(id));
      this.#exchanges.pinned(id, pinned);
    });
  }

  tag(ids: readonly number[], tags: string[]): Promise<void> {
    return this.#each(ids, 'tagged', (id) => noteExchange(id, { tags }));
  }

  comment(ids: readonly number[], comment: string): Promise<void> {
    return this.#each(ids, 'commented on', (id) => noteExchange(id, { comment }));
  }

  /** Sends their requests again, the oldest first. */
  replay(ids: readonly number[]): Promise<void> {
    return this.#each(ids.toReversed(), 'sent again', (id) => replayExchange(id));
  }

  /** The commands that send their requests again, a line each. */
  async curls(ids: readonly number[]): Promise<string | null> {
    const commands: string[] = [];
    await this.#each(ids, null, async (id) => void commands.push((await fetchSnippet(id, 'curl')).trim()));
    return commands.length === ids.length ? commands.join('\n') : null;
  }

  /** Has them vanish, and deletes them a little later. */
  remove(ids: readonly number[]): void {
    void this.#delete();
    this.doomed = ids;
    this.#exchanges.omit(ids);
    this.#timer = setTimeout(() => void this.#delete(), UNDO_MS);
  }

  /** Has those that vanished come back. */
  undo(): void {
    clearTimeout(this.#timer);
    this.#exchanges.restore(this.doomed);
    this.doomed = [];
  }

  async #delete(leaving = false): Promise<void> {
    clearTimeout(this.#timer);
    const ids = this.doomed;
    this.doomed = [];
    try {
      for (let first = 0; first < ids.length; first += AT_ONCE) {
        await deleteExchanges(ids.slice(first, first + AT_ONCE), leaving);
      }
    } catch (error) {
      this.#exchanges.restore(ids);
      this.#notices.failed('The exchanges were not deleted', error);
    }
  }

  /** Does something with each, and says how many that were, if `done` names it. */
  async #each(ids: readonly number[], done: string | null, act: (id: number) => Promise<unknown>): Promise<void> {
    this.busy = true;
    try {
      for (const id of ids) await act(id);
      if (done !== null) this.#notices.info(`${plural(ids.length, 'exchange')} ${done}.`);
    } catch (error) {
      this.#notices.failed('Not all were done', error);
    } finally {
      this.busy = false;
    }
  }
}
