import { expect, test } from 'vitest';
import type { Stats } from '../../api/types';
import { stepOf } from '../../stores/board';
import { chartOf, failing, hatchesOf, hostChart, slowest } from './series';

const at = (minute: number) => `2026-11-29T10:0${minute}:00Z`;
const group = (minute: number | null, more: object) => ({
  from: minute === null ? null : at(minute),
  key: [],
  ...more,
});
const stats = (groups: object[]) =>
  ({
    every_us: 60_000_000,
    covered: {
      gaps: [{ from: at(2), until: at(3) }],
      unrecorded: [{ from: at(5), until: at(6) }],
    },
    groups,
  }) as unknown as Stats;

test('a line is zero where nothing came, and broken where nothing was recorded', () => {
  const all = stats([
    group(0, { count: 5, rate: 5 }),
    group(1, { count: 0, rate: 0 }),
    group(2, { count: 0, rate: 0 }),
    group(4, { count: 1, rate: 1 }),
  ]);
  const chart = chartOf(all, [{ label: 'a', colour: '--ok', of: ({ rate }) => rate }]);
  expect(chart.times.length).toBe(5);
  expect(chart.lines[0]?.values).toEqual([5, 0, null, null, 1]);
  expect(hatchesOf(all.covered).length).toBe(2);
  expect(chartOf(stats([]), []).times).toEqual([]);
});

test('each host has its line', () => {
  const chart = hostChart(
    stats([
      group(0, { key: ['a'], p95_us: 1 }),
      group(1, { key: ['b'], p95_us: 2 }),
      group(1, { key: ['a'], p95_us: 3 }),
      group(1, { key: null, p95_us: 9 }),
    ]),
    ({ p95_us }) => p95_us,
  );
  expect(chart.lines.map(({ label, values }) => [label, values])).toEqual([
    ['a', [1, 3]],
    ['b', [null, 2]],
  ]);
});

test('the slowest and the most failing come first, those without any not at all', () => {
  const all = stats([
    group(null, { key: ['a'], p95_us: 1, errors: 0 }),
    group(null, { key: ['b'], p95_us: 3, errors: 2 }),
    group(null, { key: ['c'], p95_us: null, errors: 7 }),
    group(null, { key: null, p95_us: 100, errors: 100 }),
  ]);
  expect(slowest(all, 9).map(({ key }) => key?.[0])).toEqual(['b', 'a']);
  expect(failing(all, 1).map(({ key }) => key?.[0])).toEqual(['c']);
});

test.each([
  [at(0), at(1), '1s'],
  [at(0), at(9), '5s'],
  ['2026-11-29T10:00:00Z', '2026-11-29T12:00:00Z', '1m'],
  ['2026-11-01T10:00:00Z', '2026-11-29T12:00:00Z', '6h'],
  ['2016-11-01T10:00:00Z', '2026-11-29T12:00:00Z', '7d'],
  [null, null, '1s'],
])('%s to %s in steps of %s', (from, until, step) => expect(stepOf(from, until)).toBe(step));
