// The exchanges that are chosen for something to be done with all of them.

const NONE: ReadonlySet<number> = new Set();

export class Chosen {
  ids = $state.raw<ReadonlySet<number>>(NONE);
  /** The one from which a range goes. */
  #anchor: number | null = null;

  get size(): number {
    return this.ids.size;
  }

  clear(): void {
    this.ids = NONE;
  }

  /** Some are there no more: nothing can be done with them. */
  leave(ids: readonly number[]): void {
    if (ids.some((id) => this.ids.has(id))) this.choose([...this.ids].filter((id) => !ids.includes(id)));
  }

  choose(ids: Iterable<number>): void {
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- replaced as a whole
    this.ids = new Set(ids);
  }

  /** Chooses an exchange, or no longer. */
  toggle(id: number): void {
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- replaced as a whole
    const ids = new Set(this.ids);
    if (!ids.delete(id)) ids.add(id);
    this.ids = ids;
    this.#anchor = id;
  }

  /**
   * Acts on a click on a row, or a key on it; `open` is the exchange that is open. True if that was about choosing. Rows
   * that are none of exchanges, with an `id` below zero, are not chosen themselves.
   */
  act(id: number, event: MouseEvent | KeyboardEvent, open: number | null, shown: readonly number[]): boolean {
    const { shiftKey, ctrlKey, metaKey, altKey } = event;
    const withKey = ctrlKey || metaKey;
    if (altKey) return false;
    if (id < 0) return this.#actElsewhere(event, withKey, shown);
    if (!('key' in event)) {
      if (shiftKey) this.#range(this.#anchor ?? open ?? id, id, shown);
      else if (withKey) this.toggle(id);
      else {
        this.#anchor = id;
        if (this.size > 0) this.clear();
        return false;
      }
      return true;
    }
    if (withKey && event.key === 'a') this.choose(shown);
    else if (withKey) return false;
    else if (event.key === 'x' || event.key === ' ') this.toggle(id);
    else if (event.key === 'Escape' && this.size > 0) this.clear();
    else return false;
    return true;
  }

  /** Acts on a row that is not chosen itself. */
  #actElsewhere(event: MouseEvent | KeyboardEvent, withKey: boolean, shown: readonly number[]): boolean {
    const isPlain = 'key' in event ? event.key === 'Escape' : !event.shiftKey;
    if (withKey && 'key' in event && event.key === 'a') this.choose(shown);
    else if (withKey || !isPlain || this.size === 0) return false;
    else this.clear();
    return 'key' in event;
  }

  #range(from: number, to: number, shown: readonly number[]): void {
    const [one, other] = [shown.indexOf(from), shown.indexOf(to)];
    if (one < 0 || other < 0) return this.toggle(to);
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- replaced as a whole
    this.ids = new Set([...this.ids, ...shown.slice(Math.min(one, other), Math.max(one, other) + 1)]);
  }
}
