import { expect, test } from 'vitest';
import type { Order, SortBy } from '../api/types';
import type { ListRow } from './list_row';
import { row } from './sample';
import { sortedIn } from './sorted_rows';

/** Exchanges 1 to 4 began in the seconds of their numbers, connections in half seconds. */
const begun = (seconds: number) => new Date(Date.UTC(2026, 10, 22, 15, 4) + seconds * 1000).toISOString();
const exchange = (id: number, edit: Partial<ListRow>) => row(id, { started_at: begun(id), ...edit });
const connection = (id: number, edit: Partial<ListRow>) =>
  row(id, { started_at: begun(0.5 - id), method: 'CONNECT', target: '', ...edit });

test.each<[SortBy, Order['order'], (keyof ListRow)[], unknown[][], unknown[][], number[]]>([
  [
    'host',
    'asc',
    ['host'],
    [
      [1, 'a'],
      [2, 'c'],
    ],
    [
      [-1, 'b'],
      [-2, 'd'],
      [-3, ''],
    ],
    [1, -1, 2, -2, -3],
  ],
  [
    'host',
    'desc',
    ['host'],
    [
      [2, 'c'],
      [1, 'a'],
    ],
    [
      [-1, 'b'],
      [-2, 'd'],
      [-3, ''],
    ],
    [-2, 2, -1, 1, -3],
  ],
  [
    'duration',
    'desc',
    ['duration_us'],
    [
      [1, 30],
      [2, 10],
      [3, null],
    ],
    [
      [-1, 20],
      [-3, null],
    ],
    [1, -1, 2, -3, 3],
  ],
  [
    'client',
    'asc',
    ['client'],
    [
      [2, '10.0.0.1'],
      [1, '10.0.0.1'],
    ],
    [
      [-1, '10.0.0.1'],
      [-3, null],
    ],
    [2, -1, 1, -3],
  ],
  [
    'status',
    'desc',
    ['status'],
    [
      [1, 404],
      [2, 200],
      [3, null],
    ],
    [
      [-1, null],
      [-3, null],
    ],
    [1, 2, -3, 3, -1],
  ],
  ['id', 'asc', [], [[1], [2], [3]], [[-1], [-3]], [1, -1, 2, 3, -3]],
  [
    'path',
    'asc',
    ['target'],
    [
      [1, '/a'],
      [2, '/b'],
    ],
    [
      [-1, ''],
      [-2, ''],
    ],
    [1, 2, -2, -1],
  ],
])('by %s, %s, connections stand where their values say', (by, order, [field], exchanges, connections, expected) => {
  const edit = ([, value]: unknown[]) => (field === undefined ? {} : { [field]: value });
  const rows = exchanges.map((one) => exchange(Number(one[0]), edit(one)));
  const others = connections.map((one) => connection(Number(one[0]), edit(one)));
  expect(sortedIn(rows, others, { by, order }, true)).toEqual(expected);
});

test('those behind the last exchange that is loaded wait for the others', () => {
  const rows = [exchange(1, { host: 'a' }), exchange(2, { host: 'c' })];
  const others = [connection(-1, { host: 'b' }), connection(-2, { host: 'd' }), connection(-3, { host: '' })];
  expect(sortedIn(rows, others, { by: 'host', order: 'asc' }, false)).toEqual([1, -1, 2]);
  expect(sortedIn([], others, { by: 'host', order: 'asc' }, true)).toEqual([-1, -2, -3]);
});
