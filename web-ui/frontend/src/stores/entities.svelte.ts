// Things by their numbers: each is kept once, however many lists name it.
import { SvelteMap } from 'svelte/reactivity';

/** Things of one kind. What is drawn from one is drawn again when that one changes, and only then. */
export class Entities<T extends { id: number }> {
  readonly #byId = new SvelteMap<number, T>();

  get size(): number {
    return this.#byId.size;
  }

  get(id: number): T | undefined {
    return this.#byId.get(id);
  }

  /** Those of `ids` that are known, in the same order. */
  all(ids: readonly number[]): T[] {
    return ids.map((id) => this.#byId.get(id)).filter((item) => item !== undefined);
  }

  put(item: T): void {
    this.#byId.set(item.id, item);
  }

  /** Changes what is known of `id`, if anything is. */
  change(id: number, edit: Partial<T>): void {
    const known = this.#byId.get(id);
    if (known !== undefined) this.#byId.set(id, { ...known, ...edit });
  }

  delete(id: number): void {
    this.#byId.delete(id);
  }

  /** Forgets all that are not `wanted`. */
  keep(wanted: readonly number[]): void {
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- lives for this call only
    const kept = new Set(wanted);
    for (const id of [...this.#byId.keys()]) if (!kept.has(id)) this.#byId.delete(id);
  }
}
