// Snapshots and the flight recorder, in words.
import type { Flight, Snapshot } from '../../api/types';
import { count, plural, size } from '../../format/size';
import { age, clock } from '../../format/time';

/** How a snapshot stands, and in which tone that is said. */
export function standing({ state, complete }: Pick<Snapshot, 'state' | 'complete'>): { words: string; tone: string } {
  if (state === 'writing') return { words: 'being stored', tone: 'going' };
  if (state === 'recovered') return { words: 'left by a killed run, not stored', tone: 'partial' };
  return complete ? { words: 'complete', tone: '' } : { words: 'not complete', tone: 'partial' };
}

const TRIGGERS: Record<string, string> = {
  api: 'asked for',
  signal: 'asked for by a signal',
  crash: 'after a crash',
  latency: 'slow responses',
};

/** What set a snapshot off; a filter stands for itself. */
export const triggerText = (trigger: string) => TRIGGERS[trigger] ?? `an exchange matched ${trigger}`;

/** "It holds the last 1 min: 1 234 exchanges, 45.0 MiB of 256 MiB." */
export function ringText({ covers_from, exchanges, bytes, max_bytes }: Flight, now = Date.now()): string {
  const back = age((now - Date.parse(covers_from)) / 1000);
  return `It holds the last ${back}: ${plural(exchanges, 'exchange')}, ${size(bytes)} of ${size(max_bytes)}.`;
}

/** What went wrong with the ring since the start, and what to do; empty if nothing did. */
export function ringFaults({ lost, squeezed, min_age_us }: Flight): string[] {
  const faults = [];
  if (lost > 0) faults.push(`${plural(lost, 'exchange')} did not fit into it, or could not be written.`);
  if (squeezed > 0)
    faults.push(
      `${count(squeezed)} times it forgot what was not yet ${age(min_age_us / 1e6)} old: it is too small; choose a larger --flight.`,
    );
  return faults;
}

/** "The last one was set off at 15:04:05 (latency)."; empty if there was none. */
export function lastText({ last_at, last_trigger }: Flight): string {
  if (last_at === null) return '';
  const why = last_trigger === null ? '' : ` (${triggerText(last_trigger)})`;
  return `The last snapshot was set off at ${clock(last_at).slice(0, 8)}${why}.`;
}
