// GraphQL calls among the rows in sight: their operations and errors, which only their bodies tell.
import { fetchGraphqlCalls } from '../api/calls';
import type { GraphqlCall, Summary } from '../api/types';
import { Entities } from './entities.svelte';

/** How long rows are in sight before they are asked about. */
const PAUSE_MS = 120;
/** So many are asked about at once. */
const AT_ONCE = 100;
/** More than these are not remembered. */
const KEPT = 5000;

export class GraphqlCalls {
  readonly known = new Entities<GraphqlCall>();
  /** Those that were asked about, answered or not. */
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

  async #ask(ids: number[]): Promise<void> {
    if (this.#asked.size > KEPT) {
      this.#asked.clear();
      this.known.keep([]);
    }
    for (const id of ids) this.#asked.add(id);
    try {
      for (const call of (await fetchGraphqlCalls(ids)).calls) this.known.put(call);
    } catch {
      // The rows say what they said: they are asked about again when they come into sight again.
      for (const id of ids) this.#asked.delete(id);
    }
  }
}
