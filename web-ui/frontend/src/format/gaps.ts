// Why exchanges are missing, and when, in words.
import type { Dropped, Gap, Heavy, LostHour } from '../api/types';
import * as texts from '../texts/dropped';
import * as counts from '../texts/counts';
import { count } from './size';
import { clock, day, moment } from './time';

export type Reason = Gap['reason'];

const REASONS: Record<Reason, { words: string; more: string }> = texts.reasons;

/** Why, shortly: "the disk was full, or nearly". */
export const why = (reason: Reason) => REASONS[reason].words;

/** Why, in sentences. */
export const whyExactly = (reason: Reason) => REASONS[reason].more;

/** How many are missing, whatever the reason. */
export const total = (dropped: Dropped) => reasons(dropped).reduce((sum, { exchanges }) => sum + exchanges, 0);

/** The reasons that there are, the most frequent first. */
export function reasons(dropped: Dropped): { reason: Reason; exchanges: number }[] {
  const all = (Object.keys(REASONS) as Reason[]).map((reason) => ({ reason, exchanges: dropped[reason] }));
  return all.filter(({ exchanges }) => exchanges > 0).sort((a, b) => b.exchanges - a.exchanges);
}

/** "12 exchanges", or "parts of exchanges" where none is missing as a whole. */
export const missing = (exchanges: number) => (exchanges === 0 ? texts.partsOfExchanges : counts.exchanges(exchanges));

/** The hour, local: "15:00–16:00"; in some places it does not begin with the clock's. */
export function hourOfDay({ hour }: LostHour): string {
  const end = new Date(Date.parse(hour) + 3_600_000).toISOString();
  return `${clock(hour).slice(0, 5)}–${clock(end).slice(0, 5)}`;
}

/** From the first that is missing to the last, local: "15:04:05 – 15:40:00"; with dates and milliseconds where `exact`. */
export function span({ from, until }: LostHour, exact = false): string {
  if (exact) return `${moment(from)} – ${moment(until)}`;
  const [first, last] = [clock(from), clock(until)].map((time) => time.slice(0, 8));
  return `${first} – ${day(from) === day(until) ? '' : `${day(until)} `}${last}`;
}

/** What was dropped since dashcam started, by reason, and the clients of which most was beyond their share. */
export function droppedText(dropped: Dropped, heavy: readonly Heavy[] = []): string {
  const told = reasons(dropped).map(({ reason, exchanges }) => `${count(exchanges)}: ${why(reason)}`);
  if (heavy.length > 0)
    told.push(texts.beyondShare(heavy.map(({ client, exchanges }) => `${client} (${count(exchanges)})`).join(', ')));
  return told.length === 0 ? texts.nothingDropped : texts.notRecorded(told.join('\n'));
}
