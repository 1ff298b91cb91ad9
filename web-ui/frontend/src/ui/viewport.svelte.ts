// The part in sight of a long list of rows of one height, and the rows that are drawn of it. Rows that come above never move the others.
import { untrack } from 'svelte';
import type { Sight } from './grid';
import { assign, type Slot } from './slots';
import { reveal, visible } from './window';

/** Rows that are drawn on either side of those in sight. */
const SPARE = 12;
/** Rows for which new elements are made in one go; others follow, so that keys and pointer are heard meanwhile. */
const MADE = 6;

/** The rows of a list as they are now. */
export interface Listed {
  /** The rows' keys, from the top. */
  keys: readonly number[];
  /** True if rows that come above all others push them down while the top is in sight. */
  follow: boolean;
  rowHeight: number;
}

/** A row that is drawn: the element that shows it, and where it stands. */
export interface Drawn extends Slot {
  index: number;
}

export class Viewport {
  /** Null while it is not on the page. */
  scroller = $state.raw<HTMLElement | null>(null);
  height = $state(600);
  /** How much of that the titles cover, which stay at its top. */
  headHeight = $state(25);
  scrollTop = $state(0);
  readonly #listed: () => Listed;
  #were: Listed = { keys: [], follow: true, rowHeight: 1 };
  #isMoved = false;
  #slots: readonly Slot[] = [];
  /** How many rows may be drawn by now. */
  #most = $state(MADE);

  /** Call it while a component is set up. */
  constructor(listed: () => Listed, onview: (sight: Sight) => void) {
    this.#listed = listed;
    $effect.pre(() => {
      const now = listed();
      untrack(() => this.#stay(now));
    });
    $effect(() => {
      // Once the rows are drawn.
      listed();
      if (this.#isMoved && this.scroller !== null) this.scroller.scrollTop = untrack(() => this.scrollTop);
      this.#isMoved = false;
    });
    $effect(() => {
      const { first, end } = this.span;
      if (end - first <= this.#most) return;
      const next = setTimeout(() => (this.#most += MADE));
      return () => clearTimeout(next);
    });
    $effect(() => {
      const { keys, rowHeight } = listed();
      const top = Math.min(this.scrollTop / rowHeight, Math.max(0, keys.length - 1));
      const bottom = Math.min(keys.length, (this.scrollTop + this.#room) / rowHeight);
      const { end } = this.span;
      untrack(() => onview({ top, bottom, end, atTop: this.scrollTop < rowHeight / 2 }));
    });
  }

  /** The rows that are to be drawn. */
  get span(): { first: number; end: number } {
    const { keys, rowHeight } = this.#listed();
    return visible(this.scrollTop, this.#room, rowHeight, keys.length, SPARE);
  }

  /** The rows to draw in their order, and row `kept` wherever it is: the one with the focus, which would be lost else. */
  drawn(kept: number): Drawn[] {
    const { keys, rowHeight } = this.#listed();
    const span = this.span;
    const made = Math.min(span.end - span.first, this.#most);
    // Those in sight come before the spare ones above them.
    const isAll = made === span.end - span.first;
    const first = isAll ? span.first : Math.min(Math.floor(this.scrollTop / rowHeight), span.end - made);
    const places = Array.from({ length: made }, (_, n) => first + n);
    if (kept >= 0 && kept < first) places.unshift(kept);
    else if (kept >= first + made) places.push(kept);
    const known = places.filter((index) => keys[index] !== undefined);
    this.#slots = assign(
      this.#slots,
      known.map((index) => keys[index] ?? 0),
    );
    return this.#slots.map((slot, n) => ({ ...slot, index: known[n] ?? 0 }));
  }

  /** Has the row `index` at the top. */
  showTop(index: number): void {
    if (this.scroller === null) return;
    this.scroller.scrollTop = index * this.#listed().rowHeight;
    this.scrolled();
  }

  /** Brings the row `index` into sight. */
  show(index: number): void {
    if (index < 0 || this.scroller === null) return;
    const room = this.scroller.clientHeight - this.headHeight;
    this.scroller.scrollTop = reveal(index, this.scroller.scrollTop, room, this.#listed().rowHeight);
  }

  /** Call it when the element was scrolled. */
  scrolled(): void {
    if (this.scroller !== null) this.scrollTop = this.scroller.scrollTop;
  }

  /** How high the part is in which rows are seen. */
  get #room(): number {
    return Math.max(0, this.height - this.headHeight);
  }

  /** Keeps the row at the top where it is. */
  #stay(now: Listed): void {
    const were = this.#were;
    this.#were = now;
    const follows = were.follow && this.scrollTop < now.rowHeight / 2;
    const at = Math.floor(this.scrollTop / now.rowHeight);
    const top = were.keys[at];
    if (top === undefined || follows || were.keys === now.keys) return;
    const index = now.keys[at] === top ? at : now.keys.indexOf(top);
    if (index < 0 || index === at) return;
    this.scrollTop += (index - at) * now.rowHeight;
    this.#isMoved = true;
  }
}
