// The lanes of the timeline: time ranges, what is missing, steps of the budget, leases and snapshots, each in its lane.
import type { Lease, LostHour, RecordedRange, SettingsChange, Snapshot } from '../../api/types';
import { reasons, span as spanText, total, why } from '../../format/gaps';
import { count } from '../../format/size';
import { moment } from '../../format/time';
import * as counts from '../../texts/counts';
import * as texts from '../../texts/boundaries';
import type { Lane, Shown } from '../../ui/timeline';
import { stepOf } from './details';
import { rangeSpans } from './ranges';

/** Everything that the lanes are made of. */
export interface Recorded {
  ranges: readonly RecordedRange[];
  /** The latest first. */
  changes: readonly SettingsChange[];
  hours: readonly LostHour[];
  leases: readonly Lease[];
  snapshots: readonly Snapshot[];
}

const ms = (at: string) => Date.parse(at);

/** The lanes in which there is something; `now` ends what goes on. */
export function lanes({ ranges, changes, hours, leases, snapshots }: Recorded, now: number): Lane[] {
  const all: Lane[] = [
    { label: texts.laneRecorded, spans: rangeSpans(ranges, now) },
    { label: texts.laneMissing, spans: hours.map(missingSpan) },
    { label: texts.laneBudget, spans: stepSpans(changes, now) },
    { label: texts.laneLeases, spans: leases.map((lease) => leaseSpan(lease, now)) },
    { label: texts.laneSnapshots, spans: snapshots.map(snapshotSpan) },
  ];
  return all.filter(({ spans }) => spans.length > 0);
}

/** Each step of the budget below the first, from its change to the next one. */
export function stepSpans(changes: readonly SettingsChange[], now: number): Shown[] {
  const steps = changes.flatMap((change) => {
    const step = stepOf(change);
    return step === null ? [] : [{ at: change.at, ...step }];
  });
  const spans = steps.map(({ at, step, because }, index) => {
    const next = steps[index - 1]?.at;
    const title = `${texts.heldBack(step, because)}\n${moment(at)} – ${next === undefined ? texts.now : moment(next)}`;
    return {
      id: `${at} ${index}`,
      step,
      from: ms(at),
      until: next === undefined ? now : ms(next),
      tone: 'warn',
      title,
    };
  });
  return spans.filter(({ step }) => step !== 'full');
}

function missingSpan(hour: LostHour): Shown {
  const all = reasons(hour.dropped).map(({ reason, exchanges }) => `${count(exchanges)}: ${why(reason)}`);
  const title = [texts.missing(total(hour.dropped)), spanText(hour, true), ...all].join('\n');
  return { id: hour.hour, from: ms(hour.from), until: ms(hour.until), tone: 'bad', title };
}

function leaseSpan({ id, rule, from, until, ended_at, reason, who }: Lease, now: number): Shown {
  const end = ended_at ?? until;
  const title = `${texts.leaseBy(rule.level, !rule.match ? texts.everything : rule.match, who)}${reason == null ? '' : `: ${reason}`}\n${moment(from)} – ${end == null ? texts.now : moment(end)}`;
  return { id: String(id), from: ms(from), until: end == null ? now : Math.min(now, ms(end)), tone: rule.level, title };
}

function snapshotSpan({ name, covers_from, covers_until, exchanges, complete }: Snapshot): Shown {
  const title = `${name}: ${counts.exchanges(exchanges)}${complete ? '' : `, ${texts.notComplete}`}\n${moment(covers_from)} – ${moment(covers_until)}`;
  return { id: name, from: ms(covers_from), until: ms(covers_until), tone: 'ok', title, broken: !complete };
}
