// The time that the rows in sight cover, for their bars.
import type { Summary } from '../../api/types';

class Covered {
  /** Milliseconds since 1970. */
  from = $state(0);
  until = $state(1);

  /** Covers these rows. */
  show(rows: readonly Summary[]): void {
    const spans = rows.map(spanOf);
    if (spans.length === 0) return;
    this.from = Math.min(...spans.map(([from]) => from));
    this.until = Math.max(this.from + 1, ...spans.map(([, until]) => until));
  }
}

export const covered = new Covered();

/** When it began and ended, in milliseconds since 1970; one that goes on ends when it began. */
export function spanOf(row: Summary): [number, number] {
  const from = Date.parse(row.started_at);
  return [from, from + (row.duration_us ?? 0) / 1000];
}
