// A body's bytes as they come, in one piece that grows.

/** More than this is not read: what lies behind can be downloaded. */
export const MOST_BYTES = 512 * 1024 * 1024;

export class Bytes {
  #data = new Uint8Array(256 * 1024);
  length = 0;
  /** Tells if there is more than `most`. */
  isCut = false;
  readonly #most: number;

  constructor(most = MOST_BYTES) {
    this.#most = most;
  }

  /** Room for what has come, and more; read up to `length`. */
  get data(): Uint8Array {
    return this.#data;
  }

  append(chunk: Uint8Array): void {
    const taken = chunk.subarray(0, this.#most - this.length);
    if (taken.length < chunk.length) this.isCut = true;
    const needed = this.length + taken.length;
    if (needed > this.#data.length) {
      const larger = new Uint8Array(Math.min(this.#most, Math.max(needed, this.#data.length * 2)));
      larger.set(this.#data.subarray(0, this.length));
      this.#data = larger;
    }
    this.#data.set(taken, this.length);
    this.length = needed;
  }

  /** The text of the bytes from `from` up to but without `until`. */
  text(from: number, until: number): string {
    return DECODER.decode(this.#data.subarray(from, Math.min(until, this.length)));
  }
}

const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });

/** Whole numbers in a row, that grow in number. */
export class Numbers {
  #data = new Uint32Array(1024);
  length = 0;

  get data(): Uint32Array {
    return this.#data;
  }

  push(value: number): void {
    if (this.length === this.#data.length) {
      const larger = new Uint32Array(this.#data.length * 2);
      larger.set(this.#data);
      this.#data = larger;
    }
    this.#data[this.length++] = value;
  }

  at(index: number): number {
    return this.#data[index] ?? 0;
  }

  set(index: number, value: number): void {
    this.#data[index] = value;
  }

  /** The index of the last number that is at most `value`, in numbers that only grow; -1 if none is. */
  lastUpTo(value: number): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle) <= value) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
