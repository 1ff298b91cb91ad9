// Time ranges of the recording, in words.
import type { RecordedRange } from '../../api/types';
import { reasons, why } from '../../format/gaps';
import { count, plural } from '../../format/size';
import { moment } from '../../format/time';
import type { Shown } from '../../ui/timeline';

const STATES: Record<RecordedRange['state'], string> = {
  recorded: 'recorded',
  not_recorded: 'nothing was to be recorded',
  deleted: 'deleted by the bounds of the recording',
  down: 'dashcam did not run',
  unknown: 'not known: dashcam was killed, or an older one recorded',
};

/** How a range stands: "complete", "not complete", or why there is nothing. */
export function standing({ state, complete }: RecordedRange): string {
  if (state !== 'recorded') return STATES[state];
  return complete ? 'complete' : 'not complete';
}

/** Everything that had a part in what was recorded, and what is missing of it. */
export function remarks({ rules, leases, step, dropped, deleted }: RecordedRange): string[] {
  const lost = reasons(dropped).map(
    ({ reason, exchanges }) => `${plural(exchanges, 'exchange')} dropped: ${why(reason)}`,
  );
  const gone = [
    [deleted.bounds, 'by the bounds'],
    [deleted.expired, 'when the time of their rules was over'],
    [deleted.user, 'by a user'],
  ] as const;
  return [
    ...(rules.length > 0 ? [`rules ${rules.join(', ')}`] : []),
    ...(leases.length > 0 ? [`leases ${leases.join(', ')}`] : []),
    ...(step === null ? [] : [`held back to ${step} by the budget`]),
    ...lost,
    ...gone.filter(([exchanges]) => exchanges > 0).map(([exchanges, by]) => `${count(exchanges)} deleted ${by}`),
  ];
}

/** The ranges of which something is known, for the timeline; the last one goes on until `now`. */
export function rangeSpans(ranges: readonly RecordedRange[], now: number): Shown[] {
  return ranges
    .filter(({ state }) => state !== 'down')
    .map((range) => {
      const { from, until, state, level } = range;
      const what = [standing(range), level === null ? null : `level ${level}`, ...remarks(range)];
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
