import { expect, test } from 'vitest';
import type { Summary } from '../../api/types';
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
