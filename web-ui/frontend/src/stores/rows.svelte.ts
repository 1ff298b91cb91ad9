// The rows of the list: exchanges, and between them the connections that no exchange stands for, if they are shown.
import type { Exchanges } from './exchanges.svelte';
import { merged, type ListRow, type Window } from './list_row';
import { sortedIn } from './sorted_rows';
import type { UnreadConnections } from './unread.svelte';

export class ListRows {
  readonly #exchanges: Exchanges;
  readonly #unread: UnreadConnections;

  constructor(exchanges: Exchanges, unread: UnreadConnections) {
    this.#exchanges = exchanges;
    this.#unread = unread;
  }

  /** The rows' keys, from the top: numbers of exchanges, and below zero those of connections. */
  readonly keys = $derived.by<readonly number[]>(() => {
    const { list, known } = this.#exchanges;
    if (!this.#unread.shown || this.#unread.rows.length === 0) return list.ids;
    if (list.order !== null) return sortedIn(known.all(list.ids), this.#unread.rows, list.order, list.isWhole);
    const at = ({ id, started_at }: { id: number; started_at: string }) => ({ id, at: Date.parse(started_at) });
    return merged(known.all(list.ids).map(at), this.#unread.rows.map(at), this.window);
  });

  /** The time that the loaded exchanges cover; all of it if they are sorted. */
  readonly window = $derived.by<Window>(() => {
    const { list, known } = this.#exchanges;
    if (list.order !== null) return { since: -Infinity, until: Infinity };
    const time = (id: number | undefined) => Date.parse(known.get(id ?? -1)?.started_at ?? '');
    return {
      since: list.hasMore ? time(list.ids.at(-1)) || Infinity : -Infinity,
      until: list.hasNewer ? time(list.ids[0]) || -Infinity : Infinity,
    };
  });

  get(key: number): ListRow | undefined {
    return key < 0 ? this.#unread.known.get(key) : this.#exchanges.get(key);
  }

  /** How many exchanges are above the row `index`; parts of rows count. */
  exchangesAbove(index: number): number {
    if (this.keys === this.#exchanges.list.ids) return index;
    const whole = Math.floor(index);
    const above = this.keys.slice(0, whole).filter((key) => key > 0).length;
    return above + ((this.keys[whole] ?? -1) > 0 ? index - whole : 0);
  }

  /** The row of the exchange that so many others are above. */
  indexOf(exchange: number): number {
    const key = this.#exchanges.list.ids[exchange];
    return key === undefined ? this.keys.length : this.keys.indexOf(key);
  }
}
