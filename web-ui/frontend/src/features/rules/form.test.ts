import { expect, test } from 'vitest';
import type { Rule } from '../../api/types';
import { check, draftOf, ruleOf, type Draft } from './form.svelte';

const taken = (name: string) => name === 'other';

test.each<[keyof Draft, string[], string[]]>([
  ['name', ['a', 'errors', 'a.b_c-1', ''], ['A', 'a b', 'default', 'other', 'x'.repeat(65)]],
  [
    'sample',
    ['', '1%', '0.5% by client', '5% by header x-user', '1% by cookie sid', '10/s', '1MB/s'],
    ['1', 'x%', '1% by'],
  ],
  ['bodyLimit', ['', '0', '64KiB', '1MB'], ['-1', 'much', '1 pint']],
  ['guarantee', ['', 'best_effort', 'bounded 5ms', 'lossless'], ['bounded', 'always']],
  ['keepFor', ['', '7d', '1h 30m', '4w'], ['7', 'long']],
  ['redaction', ['', 'default', 'payments-2'], ['Payments', 'a b', '2', 'off']],
  ['follow', ['', 'client 30s', 'trace 1m'], ['client', '30s', 'user 1s']],
])('%s', (field, right, wrong) => {
  const problem = (value: string) => check({ ...draftOf(null), [field]: value }, taken)[field];
  for (const value of right) expect(problem(value), value).toBeUndefined();
  for (const value of wrong) expect(problem(value), value).toBeDefined();
});

test('a rule comes out of its draft as it went in', () => {
  const rule: Rule = {
    name: 'errors',
    match: 'status:5xx',
    level: 'metadata',
    sample: '1% by client',
    body_limit: 0,
    guarantee: 'bounded 5ms',
    keep_for: '7d',
    follow: 'client 30s',
    redaction: 'payments',
  };
  expect(ruleOf(draftOf(rule), 'status:5xx')).toEqual(rule);
});

test('what is left empty is as by default', () => {
  const draft = { ...draftOf(null), name: ' a ', guarantee: '' };
  expect(ruleOf(draft, '')).toEqual({
    name: 'a',
    match: '',
    level: 'full',
    sample: null,
    body_limit: null,
    guarantee: 'best_effort',
    keep_for: null,
    follow: null,
  });
});
