import { expect, test } from 'vitest';
import type { PathTree } from '../../api/types';
import { elsewhere, placeTerms, rowsOf, steered } from './tree';

const node = (name: string, has_nodes = true) => ({ name, has_nodes, count: 3, errors: 1, p95_us: 100 });
const branch = (place: string, nodes: ReturnType<typeof node>[], more = 0) => ({
  place,
  nodes,
  more,
  others: more,
  exact: true,
});
const tree = {
  branches: [branch('', [node('api'), node('cdn')], 4), branch('api', [node('v1'), node('', false)])],
} as PathTree;

test('rows are what is open, with a line where there is more', () => {
  const rows = rowsOf(tree, ['api', 'api/v1', 'gone']);
  expect(rows.map(({ level, text, open }) => [level, text, open])).toEqual([
    [1, 'api', true],
    [2, '/v1', true],
    [3, '…', false],
    [2, '/', false],
    [1, 'cdn', false],
    [1, 'and 4 more', false],
  ]);
  expect(rows[3]).toMatchObject({ place: 'api/', parent: 'api', at: 2, of: 2 });
});

test('keys go through the nodes', () => {
  const rows = rowsOf(tree, ['api', 'api/v1']);
  const keys = ['ArrowDown', 'ArrowUp', 'ArrowLeft', 'ArrowRight', 'Home', 'End', 'x'];
  expect(keys.map((key) => steered(rows, 1, key))).toEqual([3, 0, 0, 3, 0, 4, null]);
  expect(keys.map((key) => steered(rows, 0, key))).toEqual([1, null, null, 1, 0, 4, null]);
});

test('places are conditions', () => {
  expect(placeTerms('api.test', true)).toEqual(['host:=api.test']);
  expect(placeTerms('api.test/v1', true)).toEqual(['host:=api.test', 'path:=/v1,/v1/*']);
  expect(placeTerms('api.test/v1', false)[1]).toBe('path:=/v1');
  expect(placeTerms('api.test/v1/{id}', true)[1]).toBe('path:/v1/*');
  expect(placeTerms('api.test/v1/{id}/x', true)[1]).toBe('path:/v1/*/x,/v1/*/x/*');
  expect(placeTerms('api.test/', false)[1]).toBe('path:=/');
  expect(elsewhere('host:=a status:5xx path:/v1/* -path:/x')).toBe('status:5xx -path:/x');
});
