// Time ranges of the recording, in words.
import type { RecordedRange } from '../../api/types';
import { reasons, why } from '../../format/gaps';
import { moment } from '../../format/time';
import * as texts from '../../texts/boundaries';
import type { Shown } from '../../ui/timeline';

const STATES: Record<RecordedRange['state'], string> = texts.states;

/** How a range stands: "complete", "not complete", or why there is nothing. */
export function standing({ state, complete }: RecordedRange): string {
  if (state !== 'recorded') return STATES[state];
  return complete ? texts.complete : texts.notComplete;
}

/** Everything that had a part in what was recorded, and what is missing of it. */
export function remarks({ rules, leases, step, dropped, deleted }: RecordedRange): string[] {
  const lost = reasons(dropped).map(({ reason, exchanges }) => texts.dropped(exchanges, why(reason)));
  const gone = [
    [deleted.bounds, texts.byBounds],
    [deleted.expired, texts.byRules],
    [deleted.user, texts.byUser],
  ] as const;
  return [
    ...(rules.length > 0 ? [texts.rules(rules.join(', '))] : []),
    ...(leases.length > 0 ? [texts.leases(leases.join(', '))] : []),
    ...(step === null ? [] : [texts.heldBackByBudget(step)]),
    ...lost,
    ...gone.filter(([exchanges]) => exchanges > 0).map(([exchanges, by]) => texts.deleted(exchanges, by)),
  ];
}

/** The ranges of which something is known, for the timeline; the last one goes on until `now`. */
export function rangeSpans(ranges: readonly RecordedRange[], now: number): Shown[] {
  return ranges
    .filter(({ state }) => state !== 'down')
    .map((range) => {
      const { from, until, state, level } = range;
      const what = [standing(range), level === null ? null : texts.level(level), ...remarks(range)];
      return {
        id: from,
        from: Date.parse(from),
        until: range === ranges.at(-1) ? Math.max(now, Date.parse(until)) : Date.parse(until),
        tone: state === 'recorded' ? (level ?? 'ok') : 'off',
        broken: !range.complete,
        title: `${what.filter((part) => part !== null).join('\n')}\n${moment(from)} – ${moment(until)}`,
      };
    });
}
