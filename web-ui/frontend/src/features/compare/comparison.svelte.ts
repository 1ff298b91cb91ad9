// Two exchanges that are compared, and their bodies.
import { fetchExchange, fetchText } from '../../api/calls';
import { messageOf } from '../../api/error';
import type { Direction, Exchange, Text } from '../../api/types';

/** How often an exchange that is under way is asked for. */
const POLL_MS = 400;
/** The most of a body that is compared. */
export const LARGEST = 1024 * 1024;

/** One of the exchanges. */
export class Compared {
  exchange = $state.raw<Exchange | null>(null);
  error = $state<string | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(readonly id: number) {
    void this.#load();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #load(): Promise<void> {
    try {
      const exchange = await fetchExchange(this.id);
      if (this.#stopped) return;
      this.exchange = exchange;
      if (exchange.state === 'open') this.#timer = setTimeout(() => void this.#load(), POLL_MS);
    } catch (error) {
      if (!this.#stopped) this.error = messageOf(error);
    }
  }
}

/** The bodies of one direction. */
export class Bodies {
  texts = $state.raw<readonly [Text | null, Text | null] | null>(null);
  error = $state<string | null>(null);

  constructor(left: Exchange, right: Exchange, direction: Direction) {
    void this.#load(left, right, direction);
  }

  async #load(left: Exchange, right: Exchange, direction: Direction): Promise<void> {
    try {
      this.texts = await Promise.all([textOf(left, direction), textOf(right, direction)]);
    } catch (error) {
      this.error = messageOf(error);
    }
  }
}

/** The stored part of a body, as a text; null if there is none. */
async function textOf(exchange: Exchange, direction: Direction): Promise<Text | null> {
  const body = direction === 'request' ? exchange.request_body : exchange.response_body;
  return body.stored === 0 ? null : fetchText(exchange.id, direction, LARGEST);
}
