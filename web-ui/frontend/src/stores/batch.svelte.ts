// Actions on several exchanges at once. Those that are deleted vanish at once and are gone some seconds later, so that
// it can be undone.
import { deleteExchanges, fetchSnippet, noteExchange, pinExchange, replayExchange, unpinExchange } from '../api/calls';
import * as texts from '../texts/notices';
import type { Detail } from './detail.svelte';
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
  readonly #detail: Detail;
  readonly #notices: Notices;
  readonly #deleted: () => void;

  /** `deleted` is called after each deletion. */
  constructor(exchanges: Exchanges, detail: Detail, notices: Notices, deleted: () => void) {
    this.#exchanges = exchanges;
    this.#detail = detail;
    this.#notices = notices;
    this.#deleted = deleted;
  }

  /** Deletes what is to be deleted when the page is left; the returned function ends that. */
  start(): () => void {
    const leaving = () => void this.#delete(true);
    addEventListener('pagehide', leaving);
    return () => removeEventListener('pagehide', leaving);
  }

  /** Pins them, or unpins them; answers whether that went well with all, as the others here do. */
  pin(ids: readonly number[], pinned: boolean): Promise<boolean> {
    return this.#each(ids, pinned ? texts.pinned : texts.unpinned, async (id) => {
      await (pinned ? pinExchange(id) : unpinExchange(id));
      this.#exchanges.pinned(id, pinned);
      this.#detail.pinned(id, pinned);
    });
  }

  tag(ids: readonly number[], tags: string[]): Promise<boolean> {
    return this.#each(ids, texts.tagged, async (id) => this.#detail.noted(id, await noteExchange(id, { tags })));
  }

  comment(ids: readonly number[], comment: string): Promise<boolean> {
    return this.#each(ids, texts.commentedOn, async (id) =>
      this.#detail.noted(id, await noteExchange(id, { comment })),
    );
  }

  /** Sends their requests again, the oldest first. */
  replay(ids: readonly number[]): Promise<boolean> {
    return this.#each(this.#withRequest(ids), texts.sentAgain, (id) => replayExchange(id), ids.length);
  }

  /** The commands that send their requests again, a line each, the oldest first. */
  async curls(ids: readonly number[]): Promise<string[]> {
    const commands: string[] = [];
    const fetch = async (id: number) => void commands.push((await fetchSnippet(id, 'curl')).trim());
    await this.#each(this.#withRequest(ids), null, fetch, ids.length);
    return commands;
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

  /** Those of which a request is recorded, the oldest first. */
  #withRequest(ids: readonly number[]): number[] {
    return ids.filter((id) => this.#exchanges.get(id)?.state !== 'refused').sort((one, other) => one - other);
  }

  async #delete(leaving = false): Promise<void> {
    clearTimeout(this.#timer);
    const ids = this.doomed;
    this.doomed = [];
    const parts = Array.from({ length: Math.ceil(ids.length / AT_ONCE) }, (_, at) =>
      ids.slice(at * AT_ONCE, (at + 1) * AT_ONCE),
    );
    try {
      // A page that is left has no time to wait between the calls.
      if (leaving) await Promise.all(parts.map((part) => deleteExchanges(part, true)));
      else for (const part of parts) await deleteExchanges(part, false);
      if (ids.length > 0) this.#deleted();
    } catch (error) {
      this.#exchanges.restore(ids);
      this.#notices.failed(texts.notDeleted, error);
    }
  }

  /**
   * Does something with each, whatever becomes of the others, and says how many that were of `all`, if `done` names it.
   * Answers whether it was done with all.
   */
  async #each(
    ids: readonly number[],
    done: string | null,
    act: (id: number) => Promise<unknown>,
    all = ids.length,
  ): Promise<boolean> {
    const errors: unknown[] = [];
    this.busy = true;
    for (const id of ids) await act(id).catch((error: unknown) => errors.push(error));
    this.busy = false;
    const number = ids.length - errors.length;
    const said = texts.done(number, all, done ?? texts.writtenAsCurl);
    const refused = all === ids.length ? said : texts.leftOut(said, all - ids.length);
    if (errors.length > 0) this.#notices.failed(texts.failed(refused, errors.length), errors[0]);
    else if (done !== null || all !== ids.length) this.#notices.info(`${refused}.`);
    return errors.length === 0;
  }
}
