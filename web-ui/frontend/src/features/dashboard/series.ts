// The dashboard's lines and tables, made of figures.
import type { Covered, Stats, StatsGroup } from '../../api/types';
import { moment } from '../../format/time';
import * as texts from '../../texts/dashboard';

/** A time in which something was not recorded, in seconds since the epoch. */
export interface Hatch {
  from: number;
  until: number;
}

export interface Line {
  label: string;
  /** A colour of the tokens: `--accent`. */
  colour: string;
  /** A value for each time; null where there is none. */
  values: (number | null)[];
  /** Filled down to the axis. */
  filled?: boolean;
}

export interface Chart {
  /** Seconds since the epoch. */
  times: number[];
  lines: Line[];
}

type Of = (group: StatsGroup) => number | null;

/** A mark of the time axis: "10:20", "10:20:05", and the date at midnight. */
export function markOf(at: number): string {
  const text = moment(new Date(at * 1000).toISOString());
  if (text.slice(11, 19) === '00:00:00') return text.slice(5, 10);
  return text.slice(17, 19) === '00' ? text.slice(11, 16) : text.slice(11, 19);
}

const seconds = (at: string) => Date.parse(at) / 1000;

/** Gaps and times in which nothing was recorded. */
export const hatchesOf = ({ gaps, unrecorded }: Covered): Hatch[] =>
  [...gaps, ...unrecorded].map(({ from, until }) => ({ from: seconds(from), until: seconds(until) }));

/** All stretches between the first and the last one. */
function timesOf({ groups, every_us }: Stats): number[] {
  const times = groups.flatMap(({ from }) => (from === null ? [] : [seconds(from)]));
  const step = (every_us ?? 0) / 1e6;
  if (times.length === 0 || step <= 0) return [];
  // Spread would not take a list that is very long.
  const [first, last] = times.reduce(
    ([least, most], at) => [Math.min(least, at), Math.max(most, at)],
    [Infinity, -Infinity],
  );
  return Array.from({ length: Math.round((last - first) / step) + 1 }, (_, n) => first + n * step);
}

/** Lines of all exchanges. Where nothing was recorded a line is broken: that is no zero. */
export function chartOf(stats: Stats, lines: readonly (Omit<Line, 'values'> & { of: Of })[]): Chart {
  const times = timesOf(stats);
  const step = (stats.every_us ?? 0) / 1e6;
  const groups = new Map(stats.groups.flatMap((group) => (group.from === null ? [] : [[seconds(group.from), group]])));
  const hatches = hatchesOf(stats.covered);
  const isBroken = (at: number) => hatches.some(({ from, until }) => from < at + step && until > at);
  const values = (of: Of) =>
    times.map((at) => {
      const group = groups.get(at);
      if (group === undefined || (group.count ?? 0) === 0) return isBroken(at) ? null : ((group && of(group)) ?? null);
      return of(group);
    });
  return { times, lines: lines.map(({ of, ...line }) => ({ ...line, values: values(of) })) };
}

const COLOURS = ['--accent', '--ok', '--warn', '--refused', '--redirect'];

/** A line for each host. */
export function hostChart(stats: Stats, of: Of): Chart {
  const times = timesOf(stats);
  const hosts = [...new Set(stats.groups.flatMap(({ key }) => (key === null ? [] : [key[0] ?? texts.none])))];
  const lines = hosts.slice(0, COLOURS.length).map((host, index) => {
    const own = stats.groups.filter(({ key }) => key !== null && (key[0] ?? texts.none) === host);
    const found = new Map(own.flatMap((group) => (group.from === null ? [] : [[seconds(group.from), of(group)]])));
    return { label: host, colour: COLOURS[index] ?? '--accent', values: times.map((at) => found.get(at) ?? null) };
  });
  return { times, lines };
}

/** Groups that are one each, not the rest as one. */
export const named = ({ groups }: Stats) => groups.filter(({ key }) => key !== null);

/** Those with the longest p95 … */
export const slowest = (stats: Stats, most: number) => ranked(stats, most, ({ p95_us }) => p95_us);

/** … and those with the most errors. */
export const failing = (stats: Stats, most: number) => ranked(stats, most, ({ errors }) => errors);

function ranked(stats: Stats, most: number, of: Of): StatsGroup[] {
  return named(stats)
    .filter((group) => (of(group) ?? 0) > 0)
    .sort((a, b) => (of(b) ?? 0) - (of(a) ?? 0))
    .slice(0, most);
}
