// The bytes of a large body by windows, fetched as they come into sight.
import { fetchHex } from '../api/body_calls';
import { messageOf } from '../api/error';
import type { Direction } from '../api/types';

const WINDOW = 256 * 1024;
/** Windows that are kept. */
const KEPT = 16;

/** Which bytes of a body: as they are stored, or decoded; and how many there are, where that is known. */
export interface Form {
  stored: boolean;
  size: number | null;
}

export class HexWindows {
  error = $state<string | null>(null);
  /** Why not all bytes are there. */
  note = $state<string | null>(null);
  /** Grows when a window has come. */
  turn = $state(0);
  /** How many bytes there are, as far as it is known. */
  size = $state(0);
  /** Why they could not be counted. */
  countError = $state<string | null>(null);
  /** They are being counted. */
  counting = $state(false);
  /** That is all of them. */
  counted = $state(false);
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- `turn` says when it changes
  readonly #known = new Map<number, Uint8Array>();
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nobody looks at it but this
  readonly #fetching = new Map<number, AbortController>();
  #counting: AbortController | null = null;

  constructor(
    readonly exchange: number,
    readonly direction: Direction,
    readonly form: Form,
  ) {
    [this.size, this.counted] = [form.size ?? 0, form.size !== null];
  }

  /** Has dashcam count the bytes, if nobody knows how many there are: it decodes them all for that. */
  async count(): Promise<void> {
    if (this.counted || this.#counting !== null) return;
    const counting = (this.#counting = new AbortController());
    [this.counting, this.countError] = [true, null];
    void this.#fetch(0);
    try {
      const { shown, note } = await this.#ask(Number.MAX_SAFE_INTEGER, 0, counting.signal);
      if (shown?.kind === 'hex') this.size = shown.size;
      [this.counted, this.note] = [true, note ?? null];
    } catch (error) {
      if (!counting.signal.aborted) this.countError = messageOf(error);
    }
    [this.#counting, this.counting] = [null, false];
  }

  /** Nobody looks at it any more. */
  end(): void {
    this.#counting?.abort();
    for (const number of this.#fetching.keys()) this.#leave(number);
  }

  /** The bytes from `from` up to but without `until`, as far as they are there; the others are fetched. */
  get(from: number, until: number): Uint8Array {
    const [first, last] = [Math.floor(from / WINDOW), Math.floor(Math.max(from, until - 1) / WINDOW)];
    // Whoever goes on does not wait for what is out of sight: far into a coded body a window takes its time.
    for (const number of this.#fetching.keys()) if (number < first || number > last) this.#leave(number);
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
    const wish = new AbortController();
    this.#fetching.set(number, wish);
    try {
      const { shown } = await this.#ask(number * WINDOW, WINDOW, wish.signal);
      const found = shown?.kind === 'hex' ? shown : null;
      if (!this.counted) this.size = Math.max(this.size, found?.size ?? 0);
      this.#keep(number, decoded(found?.data ?? ''));
      this.error = null;
    } catch (error) {
      if (!wish.signal.aborted) this.error = messageOf(error);
    }
    if (this.#fetching.get(number) === wish) this.#fetching.delete(number);
  }

  #leave(number: number): void {
    this.#fetching.get(number)?.abort();
    this.#fetching.delete(number);
  }

  #ask(offset: number, limit: number, signal: AbortSignal) {
    const { stored } = this.form;
    return fetchHex(this.exchange, this.direction, { offset, limit, ...(stored && { stored }) }, signal);
  }

  #keep(number: number, bytes: Uint8Array): void {
    this.#known.set(number, bytes);
    const [oldest] = this.#known.keys();
    if (this.#known.size > KEPT && oldest !== undefined) this.#known.delete(oldest);
    this.turn += 1;
  }
}

const decoded = (base64: string) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
