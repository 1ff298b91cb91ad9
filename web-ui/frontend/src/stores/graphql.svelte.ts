// GraphQL calls among the rows in sight: their operations and errors, which only their bodies tell.
import { fetchGraphqlCalls } from '../api/calls';
import type { GraphqlCall, Summary } from '../api/types';
import { Entities } from './entities.svelte';

/** How long rows are in sight before they are asked about. */
const PAUSE_MS = 120;
/** So many are asked about at once. */
const AT_ONCE = 100;
/** Of more than these the oldest answers are forgotten. */
export const KEPT = 5000;

export class GraphqlCalls {
  readonly known = new Entities<GraphqlCall>();
  /** Those that were asked about, from the first on. */
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing is drawn from it
  readonly #asked = new Set<number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #may: () => boolean;

  /** `may` tells if this browser is shown what bodies have. */
  constructor(may: () => boolean) {
    this.#may = may;
  }

  /** These calls are in sight: what is not known of them is asked for. */
  seen(rows: readonly Summary[]): void {
    clearTimeout(this.#timer);
    if (!this.#may()) return;
    const ids = rows.filter(({ id, state }) => state !== 'open' && !this.#asked.has(id)).map(({ id }) => id);
    if (ids.length > 0) this.#timer = setTimeout(() => void this.#ask(ids.slice(0, AT_ONCE)), PAUSE_MS);
  }

  async #ask(ids: readonly number[]): Promise<void> {
    for (const id of ids) this.#asked.add(id);
    let left = ids;
    // An answer has as many as there was time for.
    while (left.length > 0) {
      const answered = await this.#answered(left);
      if (answered.length === 0) break;
      left = left.filter((id) => !answered.includes(id));
    }
    // The rows say what they said: they are asked about again when they come into sight again.
    for (const id of left) this.#asked.delete(id);
    this.#forget();
  }

  /** Asks about `ids`; answers about which there was an answer. */
  async #answered(ids: readonly number[]): Promise<number[]> {
    try {
      const { calls } = await fetchGraphqlCalls(ids);
      for (const call of calls) this.known.put(call);
      return calls.map(({ id }) => id);
    } catch {
      return [];
    }
  }

  #forget(): void {
    if (this.#asked.size <= KEPT) return;
    for (const id of [...this.#asked].slice(0, -KEPT)) this.#asked.delete(id);
    this.known.keep([...this.#asked]);
  }
}
