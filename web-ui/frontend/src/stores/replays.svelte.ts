// The replays of one exchange.
import { fetchExchanges } from '../api/calls';
import { messageOf } from '../api/error';
import type { Summary } from '../api/types';

/** More are not listed beside the exchange. */
const MOST = 50;

export class Replays {
  rows = $state.raw<readonly Summary[]>([]);
  error = $state<string | null>(null);
  #id = 0;

  /** Loads those of exchange `id`, the newest first. */
  async load(id: number): Promise<void> {
    if (id === this.#id) return;
    this.#id = id;
    this.rows = [];
    try {
      const { exchanges } = await fetchExchanges({ filter: `replay.of:${id}`, limit: MOST });
      if (id !== this.#id) return;
      this.rows = exchanges;
      this.error = null;
    } catch (error) {
      if (id === this.#id) this.error = messageOf(error);
    }
  }
}
