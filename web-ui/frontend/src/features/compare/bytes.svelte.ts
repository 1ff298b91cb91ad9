// The first bytes of two bodies, as lines of hex.
import { fetchBytes } from '../../api/calls';
import { messageOf } from '../../api/error';
import type { Direction } from '../../api/types';
import { hex } from '../../format/hex';

/** The most bytes that are compared. */
export const MOST_BYTES = 64 * 1024;
const WIDTH = 16;

export class BytePair {
  lines = $state.raw<readonly [string, string] | null>(null);
  error = $state<string | null>(null);

  constructor(left: number, right: number, direction: Direction) {
    void this.#load(left, right, direction);
  }

  async #load(left: number, right: number, direction: Direction): Promise<void> {
    try {
      const of = async (id: number) => hexLines(await fetchBytes(id, direction, MOST_BYTES));
      this.lines = await Promise.all([of(left), of(right)]);
    } catch (error) {
      this.error = messageOf(error);
    }
  }
}

/** Lines of bytes, with the characters that they are in ASCII. */
export function hexLines(bytes: Uint8Array): string {
  const lines = hex(bytes, WIDTH).split('\n');
  return lines
    .map((line, at) => {
      const part = bytes.subarray(at * WIDTH, (at + 1) * WIDTH);
      const text = [...part].map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
      return `${line.padEnd(WIDTH * 3)} ${text}`;
    })
    .join('\n');
}
