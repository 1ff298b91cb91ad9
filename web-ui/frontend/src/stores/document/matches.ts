// Where a text occurs in a body, small and capital letters of ASCII alike.
import { Numbers, type Bytes } from './bytes';

/** More are not found. */
export const MOST_MATCHES = 1_000_000;

const LOWER = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte));

export class Matches {
  readonly offsets = new Numbers();
  readonly #needle: Uint8Array;
  #at = 0;

  constructor(readonly query: string) {
    this.#needle = new TextEncoder().encode(query).map((byte) => LOWER[byte] ?? byte);
  }

  get count(): number {
    return this.offsets.length;
  }

  get isCut(): boolean {
    return this.count >= MOST_MATCHES;
  }

  /** Looks on in `bytes`, `most` of them; true if there is nothing left to look through. */
  read(bytes: Bytes, most = Infinity): boolean {
    const needle = this.#needle;
    const first = needle[0];
    if (first === undefined || this.isCut) return true;
    const { data, length } = bytes;
    const last = length - needle.length;
    const end = Math.min(last, this.#at + most);
    let at = this.#at;
    for (; at <= end; at += 1) {
      if (LOWER[data[at] ?? 0] !== first || !this.#isHere(data, at)) continue;
      this.offsets.push(at);
      if (this.isCut) return true;
      at += needle.length - 1;
    }
    this.#at = Math.max(this.#at, at);
    return this.#at > last;
  }

  #isHere(data: Uint8Array, at: number): boolean {
    const needle = this.#needle;
    for (let n = 1; n < needle.length; n += 1) if (LOWER[data[at + n] ?? 0] !== needle[n]) return false;
    return true;
  }
}
