// A filter in words, as dashcam understands it.
import { explainFilter } from '../api/calls';
import type { FilterExplanation } from '../api/types';

export class Explanation {
  /** The filter that was explained last, and its explanation; null while there is none. */
  found = $state.raw<{ filter: string; explanation: FilterExplanation } | null>(null);
  #asking: AbortController | null = null;

  /** Has `filter` explained. What can't be read has no explanation: the field says why. */
  async ask(filter: string): Promise<void> {
    this.#asking?.abort();
    if (filter === '') {
      this.found = null;
      return;
    }
    if (filter === this.found?.filter) return;
    const asking = new AbortController();
    this.#asking = asking;
    const explanation = await explainFilter(filter, asking.signal).catch(() => null);
    if (!asking.signal.aborted) this.found = explanation === null ? null : { filter, explanation };
  }
}
