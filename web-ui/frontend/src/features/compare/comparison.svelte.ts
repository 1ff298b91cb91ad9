// Two exchanges that are compared, and their bodies.
import { fetchExchange } from '../../api/calls';
import { messageOf } from '../../api/error';
import type { Direction, Text } from '../../api/types';
import { bodyOf, recorded, type Chosen, type Side } from './side';

/** How often an exchange that is under way is asked for. */
const POLL_MS = 400;
/** The most of a body that is compared. */
export const LARGEST = 1024 * 1024;

/** One of the exchanges. */
export class Compared {
  side = $state.raw<Side | null>(null);
  error = $state<string | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(chosen: Chosen) {
    if (typeof chosen === 'number') void this.#load(chosen);
    else this.side = chosen;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #load(id: number): Promise<void> {
    try {
      const exchange = await fetchExchange(id);
      if (this.#stopped) return;
      this.side = recorded(exchange);
      if (exchange.state === 'open') this.#timer = setTimeout(() => void this.#load(id), POLL_MS);
    } catch (error) {
      if (!this.#stopped) this.error = messageOf(error);
    }
  }
}

/** A body as a text. */
export type BodyText = Pick<Text, 'text' | 'truncated'>;

/** The bodies of one direction. */
export class Bodies {
  texts = $state.raw<readonly [BodyText | null, BodyText | null] | null>(null);
  error = $state<string | null>(null);

  constructor(left: Side, right: Side, direction: Direction) {
    void this.#load(left, right, direction);
  }

  async #load(left: Side, right: Side, direction: Direction): Promise<void> {
    try {
      this.texts = await Promise.all([textOf(left, direction), textOf(right, direction)]);
    } catch (error) {
      this.error = messageOf(error);
    }
  }
}

/** The stored part of a body, as a text; null if there is none. */
async function textOf(side: Side, direction: Direction): Promise<BodyText | null> {
  return bodyOf(side, direction).stored === 0 ? null : side.text(direction, LARGEST);
}
