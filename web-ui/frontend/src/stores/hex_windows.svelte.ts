// The bytes of a large body by windows, fetched as they come into sight.
import { fetchHex } from '../api/body_calls';
import { messageOf } from '../api/error';
import type { Direction } from '../api/types';

const WINDOW = 256 * 1024;
/** Windows that are kept. */
const KEPT = 16;

export class HexWindows {
  error = $state<string | null>(null);
  /** Grows when a window has come. */
  turn = $state(0);
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- `turn` says when it changes
  readonly #known = new Map<number, Uint8Array>();
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nobody looks at it but this
  readonly #fetching = new Set<number>();

  constructor(
    readonly exchange: number,
    readonly direction: Direction,
  ) {}

  /** The bytes from `from` up to but without `until`, as far as they are there; the others are fetched. */
  get(from: number, until: number): Uint8Array {
    const bytes: number[] = [];
    for (let at = from; at < until;) {
      const number = Math.floor(at / WINDOW);
      const window = this.#known.get(number);
      if (window === undefined) {
        void this.#fetch(number);
        // What is behind a hole has no place.
        break;
      }
      const part = window.subarray(at - number * WINDOW, until - number * WINDOW);
      if (part.length === 0) break;
      bytes.push(...part);
      at += part.length;
    }
    return Uint8Array.from(bytes);
  }

  async #fetch(number: number): Promise<void> {
    if (this.#fetching.has(number)) return;
    this.#fetching.add(number);
    try {
      const { shown } = await fetchHex(this.exchange, this.direction, number * WINDOW, WINDOW);
      this.#keep(number, shown?.kind === 'hex' ? decoded(shown.data) : new Uint8Array());
      this.error = null;
    } catch (error) {
      this.error = messageOf(error);
    }
    this.#fetching.delete(number);
  }

  #keep(number: number, bytes: Uint8Array): void {
    this.#known.set(number, bytes);
    const [oldest] = this.#known.keys();
    if (this.#known.size > KEPT && oldest !== undefined) this.#known.delete(oldest);
    this.turn += 1;
  }
}

const decoded = (base64: string) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
