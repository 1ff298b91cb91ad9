// Snapshots and the flight recorder, in words.
import type { Flight, Snapshot } from '../../api/types';
import { size } from '../../format/size';
import { age, clock } from '../../format/time';
import * as texts from '../../texts/snapshots';

/** How a snapshot stands, and in which tone that is said. */
export function standing({ state, complete }: Pick<Snapshot, 'state' | 'complete'>): { words: string; tone: string } {
  if (state === 'writing') return { words: texts.beingStored, tone: 'going' };
  if (state === 'recovered') return { words: texts.leftNotStored, tone: 'partial' };
  return complete ? { words: texts.complete, tone: '' } : { words: texts.notComplete, tone: 'partial' };
}

const TRIGGERS: Record<string, string> = texts.triggers;

/** What set a snapshot off; a filter stands for itself. */
export const triggerText = (trigger: string) => TRIGGERS[trigger] ?? texts.exchangeMatched(trigger);

/** "It holds the last 1 min: 1 234 exchanges, 45.0 MiB of 256 MiB." */
export function ringText({ covers_from, exchanges, bytes, max_bytes }: Flight, now = Date.now()): string {
  const back = age((now - Date.parse(covers_from)) / 1000);
  return texts.ringHolds(back, exchanges, size(bytes), size(max_bytes));
}

/** What went wrong with the ring since the start, and what to do; empty if nothing did. */
export function ringFaults({ lost, squeezed, min_age_us }: Flight): string[] {
  const faults = [];
  if (lost > 0) faults.push(texts.didNotFit(lost));
  if (squeezed > 0) faults.push(texts.forgotTooSoon(squeezed, age(min_age_us / 1e6)));
  return faults;
}

/** "The last one was set off at 15:04:05 (latency)."; empty if there was none. */
export function lastText({ last_at, last_trigger }: Flight): string {
  if (last_at === null) return '';
  return last_trigger === null
    ? texts.lastSetOff(clock(last_at).slice(0, 8))
    : texts.lastSetOffBy(clock(last_at).slice(0, 8), triggerText(last_trigger));
}
