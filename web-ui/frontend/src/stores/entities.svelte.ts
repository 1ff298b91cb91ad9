// Things by their numbers: each is kept once, however many lists name it.

/**
 * Things of one kind. What is drawn from one is looked at again when any of them changes, and drawn again when it is another
 * object: so thousands of news a second cost a few looks a frame, and no signal for each thing.
 */
export class Entities<T extends { id: number }> {
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- `#changes` tells of it
  readonly #byId = new Map<number, T>();
  #changes = $state(0);
  /** Those that no list is to show, as they are about to be deleted. */
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- lists are told apart from it
  readonly omitted = new Set<number>();

  get size(): number {
    return this.#byId.size;
  }

  get(id: number): T | undefined {
    void this.#changes;
    return this.#byId.get(id);
  }

  /** Those of `ids` that are known, in the same order. */
  all(ids: readonly number[]): T[] {
    void this.#changes;
    return ids.map((id) => this.#byId.get(id)).filter((item) => item !== undefined);
  }

  put(item: T): void {
    this.#byId.set(item.id, item);
    this.#changes += 1;
  }

  /** Changes what is known of `id`, if anything is. */
  change(id: number, edit: Partial<T>): void {
    const known = this.#byId.get(id);
    if (known !== undefined) this.put({ ...known, ...edit });
  }

  delete(id: number): void {
    if (this.#byId.delete(id)) this.#changes += 1;
  }

  /** Forgets all that are not `wanted`. */
  keep(wanted: readonly number[]): void {
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- lives for this call only
    const kept = new Set(wanted);
    for (const id of this.#byId.keys()) if (!kept.has(id)) this.#byId.delete(id);
    this.#changes += 1;
  }
}
