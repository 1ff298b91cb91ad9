// The time range of a filter: `since:` and `until:`, as conditions of their own.
import { toggled, withoutTerms } from './terms';

const TIMES = /^(?:since|after|before|until|at):/;

const written = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z');

/** `filter` for what began from `from` on and before `until` (milliseconds), and for no other time. */
export function withRange(filter: string, from: number, until: number): string {
  const rest = withoutRange(filter);
  return toggled(toggled(rest, `since:${written(from)}`, false), `until:${written(until)}`, false);
}

/** `filter` for all times. */
export const withoutRange = (filter: string) => withoutTerms(filter, (word) => TIMES.test(word));

/** Tells if `filter` has a time range of its own. */
export const hasRange = (filter: string) => withoutRange(filter) !== filter.trim();
