// The page as a whole: its parts, and how the live stream feeds them.
import { deleteExchange, fetchCurl, pinExchange, replayExchange, signOut, unpinExchange } from '../api/calls';
import { onUnauthorized } from '../api/client';
import { watch, type LiveState } from '../api/live';
import type { Gap, Replay } from '../api/types';
import { missing, why } from '../format/gaps';
import { plural } from '../format/size';
import { indexOf } from '../stores/merge';
import { moved } from '../ui/grid';
import { copy } from '../ui/clipboard';
import { FailedConnections } from '../stores/connections.svelte';
import { Detail } from '../stores/detail.svelte';
import { Exchanges } from '../stores/exchanges.svelte';
import { Gaps } from '../stores/gaps.svelte';
import { Notices } from '../stores/notices.svelte';
import { Recording } from '../stores/recording.svelte';

export type View = 'exchanges' | 'connections' | 'gaps';

const TYPING_MS = 250;

export class App {
  readonly notices = new Notices();
  readonly recording = new Recording(this.notices);
  readonly exchanges = new Exchanges();
  readonly connections = new FailedConnections();
  readonly gaps = new Gaps();
  readonly detail = new Detail();
  view = $state<View>('exchanges');
  live = $state<LiveState>('connecting');
  #stopWatching: () => void = () => undefined;
  #typing: ReturnType<typeof setTimeout> | undefined;

  /** Starts everything; the returned function stops it. */
  start(): () => void {
    onUnauthorized(() => {
      this.notices.locked = true;
      this.#stopWatching();
    });
    const stopPolling = this.recording.start();
    this.#watch('');
    return () => {
      stopPolling();
      this.#stopWatching();
    };
  }

  /** Filters list and live stream, once typing has paused. */
  setFilter(text: string, wait = TYPING_MS): void {
    clearTimeout(this.#typing);
    const filter = text.trim();
    if (filter === this.exchanges.query) return;
    this.#typing = setTimeout(() => this.#watch(filter), wait);
  }

  select(id: number): void {
    this.detail.open(id, this.exchanges.get(id));
  }

  /** Moves the selection `step` rows down, or up. */
  move(step: number): void {
    const { list } = this.exchanges;
    const at = this.detail.id === null ? -1 : indexOf(list.ids, this.detail.id);
    const next = moved(at, step, list.ids.length);
    const id = list.ids[next];
    if (id !== undefined) this.select(id);
    if (next === list.ids.length - 1) void list.loadMore();
  }

  /** Sends exchange `id` again and opens the new one. Throws if it can't be sent. */
  async replay(id: number, edits?: Replay): Promise<void> {
    const { id: repeated } = await replayExchange(id, edits);
    this.view = 'exchanges';
    this.exchanges.list.toTop();
    this.detail.open(repeated, undefined, true);
  }

  async copyCurl(id: number): Promise<void> {
    try {
      await this.copy(await fetchCurl(id), 'curl command');
    } catch (error) {
      this.notices.failed('Not copied', error);
    }
  }

  /** Copies `text` and says so; `what` names it. */
  async copy(text: string, what: string): Promise<void> {
    try {
      await copy(text);
      this.notices.info(`Copied ${what}.`);
    } catch (error) {
      this.notices.failed('Not copied', error);
    }
  }

  async remove(id: number): Promise<void> {
    try {
      await deleteExchange(id);
      this.exchanges.remove(id);
      if (this.detail.id === id) this.detail.close();
    } catch (error) {
      this.notices.failed(`Exchange ${id} was not deleted`, error);
    }
  }

  /** Pins an exchange, so that the bounds of the recording leave it alone, or leaves it to them again. */
  async pin(id: number, pinned: boolean): Promise<void> {
    try {
      await (pinned ? pinExchange(id) : unpinExchange(id));
      this.exchanges.pinned(id, pinned);
      this.detail.pinned(id, pinned);
      void this.recording.refresh();
    } catch (error) {
      this.notices.failed(`Exchange ${id} was not ${pinned ? 'pinned' : 'unpinned'}`, error);
    }
  }

  /** Deletes what is stored, what is `pinned` too or not. */
  async clear(pinned: boolean): Promise<void> {
    try {
      const deleted = await this.exchanges.clear(pinned);
      this.detail.close();
      this.notices.info(`Deleted ${plural(deleted, 'exchange')}.`);
      void this.recording.refresh();
    } catch (error) {
      this.notices.failed('The exchanges were not deleted', error);
    }
  }

  /** Ends this browser's session, or those of all, and leaves nothing recorded in sight. */
  async signOut(everywhere: boolean): Promise<void> {
    try {
      await signOut(everywhere);
      location.replace('/');
    } catch (error) {
      this.notices.failed('Not signed out', error);
    }
  }

  #watch(filter: string): void {
    this.#stopWatching();
    this.exchanges.show(filter);
    this.#stopWatching = watch(filter, {
      exchange: (row) => {
        this.exchanges.hear(row);
        this.detail.hear(row);
      },
      message: (exchange, message) => this.detail.messages.hear(exchange, message),
      connection: (connection) => this.connections.hear(connection),
      gap: (gap) => this.#gap(gap),
      settings: (settings) => this.recording.changed(settings),
      missed: () => {
        void this.exchanges.list.refetch();
        void this.connections.refetch();
        void this.gaps.refetch();
        this.detail.reload();
      },
      state: (state) => {
        this.live = state;
        if (state === 'live') this.notices.settle('live');
      },
      // The status call tells why: no longer signed in, or not running.
      refused: () => void this.#refused(),
    });
  }

  async #refused(): Promise<void> {
    await this.recording.refresh();
    if (this.notices.locked || this.recording.error !== null) return;
    this.notices.warn(
      'live',
      'The list is not live: dashcam has as many watchers as it takes. Close other tabs of this page; it is tried again.',
    );
  }

  #gap(gap: Gap): void {
    this.notices.warn('gap', `Not recorded: ${missing(gap.exchanges)} (${why(gap.reason)}).`);
    void this.gaps.refetch();
    void this.recording.refresh();
  }
}
