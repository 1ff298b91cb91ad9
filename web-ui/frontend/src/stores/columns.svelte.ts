// How somebody wants the list's columns: which, in which order, and how wide. Kept in this browser.

const KEY = 'dashcam.columns';

interface Kept {
  /** The columns' names in their order; those that are not named come behind, in their own order. */
  order: string[];
  /** Names of those that are shown or left out against their default. */
  shown: string[];
  hidden: string[];
  /** Widths in pixels, by name. */
  widths: Record<string, number>;
}

const NOTHING: Kept = { order: [], shown: [], hidden: [], widths: {} };

export class ColumnChoice {
  #kept = $state.raw<Kept>(read());

  /** True if anything is not as it is at first. */
  get changed(): boolean {
    return this.#kept !== NOTHING;
  }

  width(id: string): number | undefined {
    return this.#kept.widths[id];
  }

  /** Tells if a column is shown that is, or is not, `byDefault`. */
  shows(id: string, byDefault: boolean): boolean {
    return byDefault ? !this.#kept.hidden.includes(id) : this.#kept.shown.includes(id);
  }

  /** Columns in the order that somebody gave them. */
  sorted<T extends { id: string }>(columns: readonly T[]): T[] {
    const { order } = this.#kept;
    const place = ({ id }: T, own: number) => (order.includes(id) ? order.indexOf(id) : order.length + own);
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- lives for this call only
    const places = new Map(columns.map((column, own) => [column.id, place(column, own)]));
    return [...columns].sort((one, other) => (places.get(one.id) ?? 0) - (places.get(other.id) ?? 0));
  }

  show(id: string, isShown: boolean): void {
    const without = (ids: string[]) => ids.filter((other) => other !== id);
    const { shown, hidden } = this.#kept;
    this.#keep(
      isShown
        ? { shown: [...without(shown), id], hidden: without(hidden) }
        : { shown: without(shown), hidden: [...without(hidden), id] },
    );
  }

  resize(id: string, width: number | null): void {
    const others = Object.entries(this.#kept.widths).filter(([other]) => other !== id);
    this.#keep({ widths: Object.fromEntries(width === null ? others : [...others, [id, width]]) });
  }

  arrange(order: string[]): void {
    this.#keep({ order });
  }

  reset(): void {
    this.#kept = NOTHING;
    localStorage.removeItem(KEY);
  }

  #keep(change: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...change };
    localStorage.setItem(KEY, JSON.stringify(this.#kept));
  }
}

function read(): Kept {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Partial<Kept> | null;
    return kept === null ? NOTHING : { ...NOTHING, ...kept };
  } catch {
    return NOTHING;
  }
}
