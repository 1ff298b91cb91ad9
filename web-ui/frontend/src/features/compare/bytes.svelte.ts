// The first bytes of two bodies, as lines of hex.
import { fetchBytes } from '../../api/calls';
import { messageOf } from '../../api/error';
import type { Direction } from '../../api/types';
import { hexLines } from '../../format/hex';

/** The most bytes that are compared. */
export const MOST_BYTES = 64 * 1024;

export class BytePair {
  lines = $state.raw<readonly [string, string] | null>(null);
  error = $state<string | null>(null);

  constructor(left: number, right: number, direction: Direction) {
    void this.#load(left, right, direction);
  }

  async #load(left: number, right: number, direction: Direction): Promise<void> {
    try {
      const of = async (id: number) => hexLines(await fetchBytes(id, direction, MOST_BYTES), null);
      this.lines = await Promise.all([of(left), of(right)]);
    } catch (error) {
      this.error = messageOf(error);
    }
  }
}
