import { expect, test } from 'vitest';
import type { Lease, Level, SettingsChange } from '../../api/types';
import { lanes, stepSpans } from './lanes';

const AT = (second: number) => new Date(second * 1000).toISOString();

const level = (second: number, from: Level | null, to: Level) =>
  ({
    at: AT(second),
    kind: 'settings',
    who: 'cli',
    from: from && { level: from },
    to: { level: to },
  }) as SettingsChange;
const step = (second: number, name: string) => {
  const settings = { level: 'full' };
  return {
    at: AT(second),
    kind: 'step',
    who: 'budget',
    from: settings,
    to: settings,
    detail: { step: name, because: 'cpu' },
  } as unknown as SettingsChange;
};
const spans = (all: { tone: string; from: number; until: number }[]) =>
  all.map(({ tone, from, until }) => [tone, from / 1000, until / 1000]);

test('steps of the budget last until the next, and full is none', () => {
  const changes = [step(40, 'full'), level(30, 'off', 'full'), step(20, 'heads'), step(10, 'sample')];
  expect(spans(stepSpans(changes, 50_000))).toEqual([
    ['warn', 20, 40],
    ['warn', 10, 20],
  ]);
});

test('lanes with nothing in them are left out', () => {
  const none = { ranges: [], changes: [], hours: [], leases: [], snapshots: [] };
  expect(lanes(none, 0)).toEqual([]);
  const lease = { id: 1, rule: { level: 'full', match: '' }, from: AT(10), until: AT(90), ended_at: null } as Lease;
  const [only, ...others] = lanes({ ...none, leases: [lease] }, 50_000);
  expect(others).toEqual([]);
  // It has not lasted longer than until now.
  expect(spans([...(only?.spans ?? [])])).toEqual([['full', 10, 50]]);
});
