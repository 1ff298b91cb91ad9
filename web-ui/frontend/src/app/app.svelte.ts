// The page as a whole: its stores, where it is, and what a person can do.
import { replayExchange, sendRequest, signOut } from '../api/calls';
import { onUnauthorized } from '../api/client';
import type { NewRequest, Order, Replay } from '../api/types';
import type { Chosen } from '../features/compare';
import * as notices from '../texts/notices';
import { copy } from '../ui/clipboard';
import { moved } from '../ui/grid';
import { Comparisons } from './comparisons.svelte';
import { Copies } from './copies';
import { format, sameOrder, type Place, type Tab, type View } from './location';
import { Navigation } from './navigation.svelte';
import { Panels } from './panels.svelte';
import { Upkeep } from './upkeep.svelte';

const TYPING_MS = 60;

/** Things about filters that open and close: the short help, the whole language, the filters that are kept, the values of the open exchange. */
export type FilterPanel = 'help' | 'language' | 'presets' | 'values';

export class App extends Upkeep {
  /** Text in the filter's field; the query follows when typing pauses. */
  filter = $state('');
  /** The filter that is meant to be as it is: once the list shows it, it is remembered. */
  committed = $state('');
  /** What is open about filters. */
  panel = $state<FilterPanel | null>(null);
  /** Panels beside the lists: the composer, the palette, and the like. */
  readonly panels = new Panels();
  /** The question for a time to go to is open. */
  goingTo = $state(false);
  /** The control of the recording is open. */
  controlling = $state(false);
  /** The guide for a first client is open. */
  connecting = $state(false);
  readonly copies = new Copies((text, what) => this.copy(text, what), this.notices);
  readonly comparisons = new Comparisons(this);
  readonly #navigation = new Navigation((place, before) => this.#arrive(place, before));
  #typing: ReturnType<typeof setTimeout> | undefined;
  /** True after a change of the query: the next change takes its place in the history. */
  #refining = false;

  /** Place that the page shows. */
  get place(): Place {
    return this.#navigation.place;
  }

  /** Starts everything; the returned function stops it. */
  start(): () => void {
    onUnauthorized(() => {
      this.notices.locked = true;
      this.feed.stop();
    });
    const asked = this.caller.refetch();
    const stopPolling = this.recording.start();
    const stopHiding = this.unsealed.start();
    const stopDeleting = this.batch.start();
    const stopNavigating = this.#navigation.start();
    // An address with more in it shows the same to everybody.
    if (this.charts.connections.value && format(this.place) === '/')
      this.#navigation.go({ connections: true }, 'replace');
    this.unread.show(this.place.connections);
    this.#show(this.place);
    void asked.then(() => {
      if (this.place.exchange !== null) this.#open(this.place.exchange);
      void this.unread.open(this.place.connection);
    });
    return () => {
      stopPolling();
      stopHiding();
      stopDeleting();
      stopNavigating();
      this.feed.stop();
    };
  }

  showView(view: View): void {
    this.panels.leave();
    this.#navigation.go({ view });
  }

  /** Shows the exchanges that match `query`. */
  showFiltered(query: string): void {
    this.panels.leave();
    this.#navigation.go({ view: 'exchanges', query });
  }

  /** Shows a part of the open exchange; null for the one that says most. */
  showTab(tab: Tab | null): void {
    this.#navigation.go({ tab }, 'replace');
  }

  /** Shows the list in an order; null for the newest first. */
  sort(order: Order | null): void {
    this.#navigation.go({ order });
  }

  /** Filters list and live stream, once typing has paused. */
  setFilter(text: string, wait = TYPING_MS): void {
    this.holdFilter(text);
    this.#typing = setTimeout(() => {
      this.#navigation.go({ query: text.trim() }, this.#refining ? 'replace' : 'push');
      this.#refining = true;
    }, wait);
  }

  /** Has `text` in the filter's field; list and live stream stay as they are. */
  holdFilter(text: string): void {
    clearTimeout(this.#typing);
    this.filter = text;
  }

  /** Filters list and live stream by `text` at once, and remembers it. */
  commitFilter(text: string): void {
    this.committed = text.trim();
    this.setFilter(text, 0);
  }

  /** Remembers the filter that was meant, now that the list shows what matches it. */
  remember(): void {
    const { list } = this.exchanges;
    if (this.committed === list.query && list.loaded && list.fault === null) this.history.add(list.query);
  }

  /** Opens a panel, or closes it. */
  toggle(panel: FilterPanel): void {
    this.panel = this.panel === panel ? null : panel;
  }

  /** Has rows in the list for connections that no exchange stands for, or not; it is remembered. */
  showConnections(connections: boolean): void {
    this.charts.connections.value = connections;
    this.#navigation.go({ connections });
  }

  /** Opens exchange `id`, or below zero the connection of a row. A selection that is `moving` takes the place of the one before it in the history. */
  select(id: number, moving = false): void {
    // Once more: it could not be loaded.
    if (id === this.place.exchange) return this.#open(id);
    const place = id < 0 ? { connection: -id } : { exchange: id };
    this.#navigation.go(place, moving && this.selected !== null ? 'replace' : 'push');
  }

  /** Moves the selection `step` rows down, or up. */
  move(step: number): void {
    const { keys } = this.rows;
    const next = moved(this.selected === null ? -1 : keys.indexOf(this.selected), step, keys.length);
    const key = keys[next];
    if (key !== undefined) this.select(key, true);
    if (next === keys.length - 1) void this.exchanges.list.loadMore();
  }

  /** The key of the row that is open. */
  get selected(): number | null {
    return this.place.exchange ?? (this.place.connection === null ? null : -this.place.connection);
  }

  /** Opens exchange `id` beside the list. */
  show(id: number): void {
    this.panels.leave();
    this.#navigation.go({ view: 'exchanges', exchange: id });
  }

  /** Goes to the newest exchange, or to the oldest one; false if it is loaded, so that the way there is known. */
  toEnd(way: 'first' | 'last'): boolean {
    const { list } = this.exchanges;
    if (!(way === 'first' ? list.hasNewer : list.hasMore)) return false;
    void this.#goToEnd(way);
    return true;
  }

  /** Shows what differs between two exchanges. */
  compare(left: Chosen, right: Chosen): void {
    if (typeof left !== 'number' || typeof right !== 'number') {
      this.panels.comparing = [left, right];
      return;
    }
    this.panels.leave();
    this.#navigation.go({ view: 'compare', exchange: left, with: right });
  }

  /** Compares the open exchange with the one that it repeats. */
  compareWithOriginal(): void {
    const { exchange } = this.detail;
    if (exchange?.replay_of != null) this.compare(exchange.replay_of, exchange.id);
  }

  /** Closes the open exchange or connection, or the comparison of two. */
  close(): void {
    if (this.panels.comparing !== null) {
      this.panels.comparing = null;
      return;
    }
    this.#navigation.go(this.place.view === 'compare' ? { view: 'exchanges' } : { exchange: null, connection: null });
  }

  /** Sends exchange `id` again and opens the new one, or compares it with the old one. Throws if it can't be sent. */
  async replay(id: number, edits?: Replay, compare = false): Promise<void> {
    const { id: repeated } = await replayExchange(id, edits);
    this.exchanges.list.toTop();
    if (compare) this.compare(id, repeated);
    else this.show(repeated);
  }

  /** Sends a request that was not recorded before, and opens its exchange. Throws if it can't be sent. */
  async send(request: NewRequest): Promise<void> {
    const { id } = await sendRequest(request);
    this.exchanges.list.toTop();
    this.show(id);
  }

  /** Copies `text` and says so; `what` names it. */
  async copy(text: string, what: string): Promise<void> {
    try {
      await copy(text);
      this.notices.info(notices.copied(what));
    } catch (error) {
      this.notices.failed(notices.notCopied, error);
    }
  }

  /** Deletes an exchange a little later, so that it can be undone, and closes it. */
  remove(id: number): void {
    this.batch.remove([id]);
    if (this.chosen.ids.has(id)) this.chosen.toggle(id);
    if (this.place.exchange === id) this.#navigation.go({ exchange: null }, 'replace');
  }

  /** Deletes what is stored, what is `pinned` too or not. */
  async clear(pinned: boolean): Promise<void> {
    try {
      const deleted = await this.exchanges.clear(pinned);
      this.#navigation.go({ exchange: null, connection: null }, 'replace');
      this.histogram.recount();
      this.notices.info(notices.deleted(deleted));
      void this.recording.refresh();
    } catch (error) {
      this.notices.failed(notices.notDeleted, error);
    }
  }

  /** Ends this browser's session, or those of all, and leaves nothing recorded in sight. */
  async signOut(everywhere: boolean): Promise<void> {
    try {
      await signOut(everywhere);
      location.replace('/');
    } catch (error) {
      this.notices.failed(notices.notSignedOut, error);
    }
  }

  async #goToEnd(way: 'first' | 'last'): Promise<void> {
    const { list } = this.exchanges;
    await list.goTo(way === 'first' ? { id: Number.MAX_SAFE_INTEGER - 1 } : 'oldest');
    const id = list.ids.at(way === 'first' ? 0 : -1);
    if (id !== undefined) this.select(id, true);
  }

  #arrive(place: Place, before: Place): void {
    this.#refining = false;
    // It stands in the place of everything.
    this.panels.leave();
    if (place.query !== before.query) this.#show(place);
    else if (!sameOrder(place.order, before.order)) this.exchanges.sort(place.order);
    this.unread.show(place.connections);
    if (place.connection !== before.connection) void this.unread.open(place.connection);
    if (place.exchange === before.exchange) return;
    this.unsealed.hide();
    this.redactionPanels.closeValues();
    if (place.exchange === null) this.detail.close();
    else this.#open(place.exchange);
  }

  #open(id: number): void {
    // Its parts that are asked for depend on the role.
    if (this.caller.settled) this.detail.open(id, this.exchanges.get(id));
  }

  #show({ query, order }: Place): void {
    clearTimeout(this.#typing);
    if (this.filter.trim() !== query) this.filter = query;
    this.exchanges.show(query, order);
    this.feed.start(query);
  }
}
