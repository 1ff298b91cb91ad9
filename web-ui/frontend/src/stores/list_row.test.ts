import { expect, test } from 'vitest';
import type { Connection } from '../api/types';
import { hasRow, merged, rowOf } from './list_row';

const connection = {
  id: 12,
  mode: 'forward',
  opened_at: '2026-11-22T15:04:05.5Z',
  closed_at: '2026-11-22T15:04:07Z',
  client: '[2001:db8::7]:50000',
  destination: '192.0.2.1:8443',
  detected: 'tls',
  verdict: 'tunnel',
  failure: null,
  program: null,
  tls: { sni: 'api.example.com' },
  bytes_in: 5,
  bytes_out: 7,
} as unknown as Connection;

test('a connection makes a row', () => {
  const row = rowOf(connection);
  expect([row.id, row.host, row.port, row.client, row.duration_us, row.state]).toEqual([
    -12,
    'api.example.com',
    8443,
    '2001:db8::7',
    1_500_000,
    'complete',
  ]);
  expect(rowOf({ ...connection, destination: 'a.test:443' }).host).toBe('a.test');
  expect(rowOf({ ...connection, destination: null, tls: null }).host).toBe('');
  const modes = ['forward', 'upstream:http://proxy.test:3128', 'reverse:https://a.test', 'transparent'];
  expect(modes.map((mode) => rowOf({ ...connection, mode }).method)).toEqual(['CONNECT', 'CONNECT', '', '']);
  expect([hasRow(connection), hasRow({ ...connection, verdict: 'decrypt' })]).toEqual([true, false]);
});

const at = (...pairs: [number, number][]) => pairs.map(([id, time]) => ({ id, at: time }));

test.each([
  ['in between', at([3, 30], [2, 20], [1, 10]), at([-9, 25], [-8, 20], [-7, 5]), [3, -9, -8, 2, 1, -7]],
  ['above all', at([3, 30]), at([-9, 40]), [-9, 3]],
  ['none', at([3, 30]), [], [3]],
  ['alone', [], at([-9, 40], [-8, 1]), [-9, -8]],
])('connections are put where they belong: %s', (_, exchanges, connections, keys) => {
  expect(merged(exchanges, connections, { since: -Infinity, until: Infinity })).toEqual(keys);
});

test('connections beyond what is loaded wait for their exchanges', () => {
  const connections = at([-9, 40], [-8, 25], [-7, 5]);
  expect(merged(at([3, 30], [2, 20]), connections, { since: 20, until: 30 })).toEqual([3, -8, 2]);
});
