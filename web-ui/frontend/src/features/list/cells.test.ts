import { expect, test } from 'vitest';
import type { Connection, Summary } from '../../api/types';
import { cellTerms } from './cells';

const row = {
  method: 'GET',
  host: 'api.example.com',
  target: '/a?b=1',
  status: 200,
  content_type: 'text/html; charset=utf-8',
  program: 'curl',
  rule: null,
  failure: null,
  client: null,
  grpc_status: null,
  tags: [],
} as unknown as Summary;

test('cells are conditions', () => {
  const terms = Object.values(cellTerms(row)).map((term) => term?.term);
  expect(terms).toEqual([
    'method:=GET',
    'host:=api.example.com',
    'path:=/a',
    'status:200',
    'type:text/html',
    'program:=curl',
  ]);
  const failed = { ...row, status: null, failure: { side: 'upstream', stage: 'connect', message: '' } } as Summary;
  expect(cellTerms(failed).status?.term).toBe('fail:upstream/connect');
  expect(cellTerms({ ...row, status: null, content_type: null }).status).toBeUndefined();
});

test('a connection is filtered for by what the filter sees of it', () => {
  const unread = { destination: '192.0.2.7:443', tls: { sni: 'cdn.shop.test' } } as Connection;
  const connection = {
    ...row,
    method: '',
    host: 'cdn.shop.test',
    target: '',
    status: null,
    content_type: null,
    unread,
  };
  expect(Object.values(cellTerms(connection)).map((term) => term?.term)).toEqual(['host:=192.0.2.7', 'program:=curl']);
});

test('what tells more than the status takes its place', () => {
  const rpc = { ...row, grpc_status: 14, client: '10.0.0.7', tags: ['slow one', 'b'] };
  expect(cellTerms(rpc).status?.term).toBe('grpc.status:14');
  expect(cellTerms({ ...rpc, grpc_status: 0 }).status?.term).toBe('status:200');
  expect([cellTerms(rpc).client?.term, cellTerms(rpc).tags?.term]).toEqual(['client:10.0.0.7', 'tag:="slow one"']);
  const call = { id: 1, operation: 'Cart', errors: 2 };
  expect(cellTerms(row, call).status?.term).toBe('res.json.errors:*');
  expect(cellTerms(row, call).operation?.term).toBe('gql.operation:=Cart');
  expect(cellTerms(row, { ...call, errors: 0 }).status?.term).toBe('status:200');
});
