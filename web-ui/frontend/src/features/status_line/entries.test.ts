import { expect, test } from 'vitest';
import type { Status } from '../../api/types';
import { entriesOf, type Known } from './entries';

const status = {
  read_only: false,
  database: { path: '/db', size: 1, exchanges: 7 },
  retention: { max_size: 1024, used: 512, crowded: true },
  recorder: { state: 'running', error: null, queued_bytes: 2048 },
  listeners: [{ name: 'edge', mode: 'forward', address: '127.0.0.1:8080' }],
  ledger: {
    seen: 12,
    stored: 10,
    metadata_only: 0,
    open: 0,
    pending: 3,
    not_kept: 1,
    sampled_out: 0,
    truncated: 0,
    not_recorded: 0,
    dropped: { queue_full: 2, disk_full: 0, disk_error: 0, recorder_fault: 0, client_share: 0 },
    beyond_share: [],
  },
  traffic: {
    in_progress: 1,
    request_bytes: 0,
    response_bytes: 0,
    requests: { total: 20, status_5xx: 1, failed: 1, refused: 1 },
    to_head: { p99_us: 1200 },
    to_end: {},
  },
} as unknown as Status;

const known: Known = {
  status,
  rates: { requests: 12, errors: 0.5, recorded: 0 },
  dropped: 2,
  unread: 0,
  countsOnly: false,
  bounds: 'Kept',
};
const of = (change: Partial<Known>) =>
  entriesOf({ ...known, ...change }).map(({ id, value, tone }) => [id, value, tone].join(' ').trim());

test('rates, the queue, what is missing, and totals', () => {
  expect(of({})).toEqual([
    'rate 12',
    'errors 0.5 bad',
    'recorded 0',
    'queue 2.0 KiB',
    'dropped 2 bad',
    'bounds 512 B of 1.0 KiB warn',
    'unread-connections 0',
    'seen 12',
    'stored 10',
    'truncated 0',
    'listeners 1',
  ]);
  expect(of({ rates: null, dropped: 0, unread: 4 }).filter((text) => /^(rate|dropped|unread)/.test(text))).toEqual([
    'rate –',
    'dropped 0',
    'unread-connections 4 warn',
  ]);
});

test('where nothing is recorded, totals of what passes', () => {
  expect(of({ countsOnly: true })).toEqual([
    'rate 12',
    'errors 0.5 bad',
    'requests 20',
    'went-wrong 3 bad',
    'p99 1.2 ms',
  ]);
});

test('a recording that is only looked at has a size', () => {
  expect(of({ status: { ...status, read_only: true } })).toEqual(['exchanges 7']);
});
