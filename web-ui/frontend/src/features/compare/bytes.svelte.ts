// The first bytes of two bodies, as lines of hex.
import { messageOf } from '../../api/error';
import type { Direction } from '../../api/types';
import { hexLines } from '../../format/hex';
import type { Side } from './side';

/** The most bytes that are compared. */
export const MOST_BYTES = 64 * 1024;

export class BytePair {
  lines = $state.raw<readonly [string, string] | null>(null);
  error = $state<string | null>(null);

  constructor(left: Side, right: Side, direction: Direction) {
    void this.#load(left, right, direction);
  }

  async #load(left: Side, right: Side, direction: Direction): Promise<void> {
    try {
      const of = async (side: Side) => hexLines(await side.bytes(direction, MOST_BYTES), null);
      this.lines = await Promise.all([of(left), of(right)]);
    } catch (error) {
      this.error = messageOf(error);
    }
  }
}
