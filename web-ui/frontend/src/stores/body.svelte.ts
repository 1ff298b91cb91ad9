// One body, decoded for reading.
import { fetchText } from '../api/calls';
import { messageOf } from '../api/error';
import type { Direction, Text } from '../api/types';

/** The most that is fetched. */
const FIRST = 256 * 1024;

export class BodyText {
  text = $state.raw<Text | null>(null);
  error = $state<string | null>(null);
  loading = $state(false);
  #key = '';
  #fetching: AbortController | null = null;
  /** Whether more has come since the fetch under way began: it is not broken off, or a busy stream would never be shown. */
  #again = false;

  /** Loads the body; `stored` is how much of it is there, so that more is fetched when more has come. */
  load(id: number, direction: Direction, stored: number): void {
    const body = `${id} ${direction}`;
    const key = `${body} ${stored}`;
    if (key === this.#key) return;
    if (!this.#key.startsWith(`${body} `)) this.#reset();
    this.#key = key;
    if (stored === 0) return;
    if (this.loading) this.#again = true;
    else void this.#fetch(id, direction);
  }

  #reset(): void {
    this.#fetching?.abort();
    this.loading = false;
    this.#again = false;
    this.text = null;
    this.error = null;
  }

  async #fetch(id: number, direction: Direction): Promise<void> {
    this.#fetching?.abort();
    const fetching = new AbortController();
    this.#fetching = fetching;
    this.loading = true;
    try {
      const text = await fetchText(id, direction, FIRST, fetching.signal);
      if (fetching.signal.aborted) return;
      this.text = text;
      this.error = null;
    } catch (error) {
      if (!fetching.signal.aborted) this.error = messageOf(error);
    } finally {
      if (!fetching.signal.aborted) this.loading = false;
    }
    if (fetching.signal.aborted || !this.#again) return;
    this.#again = false;
    await this.#fetch(id, direction);
  }
}
