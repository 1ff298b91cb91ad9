import { expect, test } from 'vitest';
import type { RecordedRange } from '../../api/types';
import { rangeSpans, remarks, standing } from './ranges';

const none = { queue_full: 0, disk_full: 0, disk_error: 0, recorder_fault: 0, client_share: 0 };
const range = (more: Partial<RecordedRange> = {}): RecordedRange => ({
  from: '2026-11-22T15:00:00Z',
  until: '2026-11-22T16:00:00Z',
  state: 'recorded',
  complete: true,
  level: 'full',
  rules: [],
  leases: [],
  step: null,
  dropped: none,
  deleted: { bounds: 0, expired: 0, user: 0 },
  ...more,
});

test.each<[Partial<RecordedRange>, string]>([
  [{}, 'complete'],
  [{ complete: false }, 'not complete'],
  [{ state: 'down', level: null }, 'dashcam did not run'],
  [{ state: 'not_recorded', level: 'off' }, 'nothing was to be recorded'],
])('%o', (more, expected) => expect(standing(range(more))).toBe(expected));

test('what had a part in it, and what is missing', () => {
  expect(remarks(range())).toEqual([]);
  const all = range({
    rules: ['errors', 'health'],
    leases: ['lease-3'],
    step: 'heads',
    dropped: { ...none, disk_full: 2 },
    deleted: { bounds: 1200, expired: 0, user: 1 },
  });
  expect(remarks(all)).toEqual([
    'rules errors, health',
    'leases lease-3',
    'held back to heads by the budget',
    '2 exchanges dropped: the disk was full, or nearly',
    '1\u2009200 deleted by the bounds',
    '1 deleted by a user',
  ]);
});

test('a range is shown in the colour of its level, broken where something is missing', () => {
  const later = range({ from: '2026-11-22T16:00:00Z', complete: false, level: 'metadata' });
  const spans = rangeSpans([range(), later], Date.parse('2026-11-22T17:00:00Z'));
  expect(spans.map(({ tone, broken, until }) => [tone, broken, new Date(until).getUTCHours()])).toEqual([
    ['full', false, 16],
    ['metadata', true, 17],
  ]);
  expect(rangeSpans([range({ state: 'down', level: null })], 0)).toEqual([]);
});
