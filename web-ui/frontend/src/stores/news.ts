// When news of the live stream are put into a list, and of which exchanges the stream told nothing.
import type { Skipped, Summary } from '../api/types';

/** How often news are put in: between these, so that drawing them takes a fifth of the time at most. */
const FRAME_MS = 50;
const LONGEST_FRAME_MS = 400;
/** How often rows under way are looked at again at most, while nothing is told of some. */
const LOOK_AGAIN_MS = 2000;

/** Rows that wait to be put in. */
export class News {
  readonly #apply: (rows: readonly Summary[]) => void;
  #rows: Summary[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** Milliseconds from the first news to when they are put in. */
  #pause = FRAME_MS;

  constructor(apply: (rows: readonly Summary[]) => void) {
    this.#apply = apply;
  }

  hear(row: Summary): void {
    this.#rows.push(row);
    this.soon();
  }

  /** Has what waits put in soon, be it nothing: once, however often it is called. */
  soon(): void {
    this.#timer ??= setTimeout(() => this.#putIn(), this.#pause);
  }

  /** Takes a row out that waits. */
  remove(gone: number): void {
    this.#rows = this.#rows.filter(({ id }) => id !== gone);
  }

  clear(): void {
    this.#rows = [];
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #putIn(): void {
    this.#timer = null;
    const began = performance.now();
    // By then they are drawn.
    setTimeout(() => {
      this.#pause = Math.min(LONGEST_FRAME_MS, Math.max(FRAME_MS, 4 * (performance.now() - began)));
    });
    const rows = this.#rows;
    this.#rows = [];
    this.#apply(rows);
  }
}

/** Exchanges of which nothing was told. */
export class Skips {
  /** The newest of them; 0 for none. */
  #to = 0;
  #lookedAgain = -Infinity;

  note({ newest }: Skipped): void {
    this.#to = Math.max(this.#to, newest);
  }

  /** What comes from now on is fetched. */
  forget(): void {
    this.#to = 0;
  }

  /** The newest of them since it was asked for last: above it nothing is missing. */
  take(): number {
    const to = this.#to;
    this.#to = 0;
    return to;
  }

  /** Tells if some of `rows` were under way and may have ended untold; now and then only. */
  isLookDue(rows: Iterable<Summary | undefined>): boolean {
    if (performance.now() - this.#lookedAgain < LOOK_AGAIN_MS) return false;
    for (const row of rows) {
      if (row?.state !== 'open' || row.id > this.#to) continue;
      this.#lookedAgain = performance.now();
      return true;
    }
    return false;
  }
}
