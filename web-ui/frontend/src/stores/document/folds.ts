// Which lines of a JSON document are in sight: those within folded objects and arrays are not.
import { Numbers } from './bytes';
import { CLOSE, type JsonIndex } from './json_index';

export class Folds {
  readonly #index: JsonIndex;
  /** Values this deep or deeper are folded. */
  #level = Infinity;
  /** Lines that are not as the level says. */
  #others = new Set<number>();
  /** The lines that hide others, and how many are hidden with them and before. */
  #starts = new Numbers();
  #hidden = new Numbers();

  constructor(index: JsonIndex) {
    this.#index = index;
  }

  /** Rows in sight. */
  get rows(): number {
    return this.#index.count - this.#hiddenUpTo(this.#starts.length - 1);
  }

  isFolded(line: number): boolean {
    return this.#index.depth(line) >= this.#level !== this.#others.has(line);
  }

  /** Folds all that is `level` deep or deeper, and unfolds the rest. */
  fold(level: number): void {
    this.#level = level;
    this.#others.clear();
    this.update();
  }

  toggle(line: number): void {
    if (!this.#index.opens(line)) return;
    this.#flip(line);
    this.update();
  }

  /** Unfolds what `line` is within. */
  reveal(line: number): void {
    for (const parent of this.parents(line)) if (this.isFolded(parent)) this.#flip(parent);
    this.update();
  }

  /** The lines that `line` is within, the innermost first. */
  parents(line: number): number[] {
    const index = this.#index;
    const found: number[] = [];
    let at = index.kind(line) === CLOSE ? index.matches.at(line) : line;
    for (let depth = index.depth(at); depth > 0; depth -= 1) {
      at = this.#parent(at);
      found.push(at);
    }
    return found;
  }

  /** The row of `line`, or of the folded one that it is within. */
  rowOf(line: number): number {
    const last = this.#starts.lastUpTo(line - 1);
    if (last < 0) return line;
    const start = this.#starts.at(last);
    if (line <= this.#index.end(start)) return start - this.#hiddenUpTo(last - 1);
    return line - this.#hiddenUpTo(last);
  }

  /** The line that is row `row`. */
  lineOf(row: number): number {
    let [low, high] = [0, this.#starts.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts.at(middle) - this.#hiddenUpTo(middle - 1) < row) low = middle + 1;
      else high = middle;
    }
    return row + this.#hiddenUpTo(low - 1);
  }

  /** To be called when the index has grown. */
  update(): void {
    this.#starts = new Numbers();
    this.#hidden = new Numbers();
    if (this.#level === Infinity && this.#others.size === 0) return;
    const index = this.#index;
    let hidden = 0;
    for (let line = 0; line < index.count; line += 1) {
      if (!index.opens(line) || !this.isFolded(line)) continue;
      const end = index.end(line);
      hidden += end - line;
      this.#starts.push(line);
      this.#hidden.push(hidden);
      line = end;
    }
  }

  #parent(line: number): number {
    const index = this.#index;
    let at = line - 1;
    const depth = index.depth(line);
    while (at >= 0 && index.depth(at) >= depth) at = index.kind(at) === CLOSE ? index.matches.at(at) - 1 : at - 1;
    return at;
  }

  #flip(line: number): void {
    if (!this.#others.delete(line)) this.#others.add(line);
  }

  #hiddenUpTo(range: number): number {
    return range < 0 ? 0 : this.#hidden.at(range);
  }
}
