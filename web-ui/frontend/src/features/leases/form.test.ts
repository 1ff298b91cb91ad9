import { expect, test } from 'vitest';
import { check, leaseOf, type Draft } from './form.svelte';

const draft = (more: Partial<Draft> = {}): Draft => ({
  level: 'full',
  span: '10m',
  size: '',
  count: '',
  reason: '',
  persist: false,
  ...more,
});

test.each<[string, Partial<Draft>, string[]]>([
  ['as it begins', {}, []],
  ['with all of it', { span: '1h 30m', size: '500MB', count: '10000' }, []],
  ['without any bound', { span: '' }, ['span']],
  ['bound by its bytes alone', { span: '', size: '1MB' }, []],
  ['with no time', { span: '0s' }, ['span']],
  ['with a time in words', { span: 'a while' }, ['span']],
  ['with no bytes', { size: '0' }, ['size']],
  ['with a size in words', { size: 'much' }, ['size']],
  ['with no exchanges', { count: '0' }, ['count']],
  ['with half an exchange', { count: '0.5' }, ['count']],
])('a lease %s', (_, more, wrong) => expect(Object.keys(check(draft(more)))).toEqual(wrong));

test('what is left empty is no bound, and no reason', () => {
  expect(leaseOf(draft({ span: '', count: '5' }), 'host:a')).toEqual({
    level: 'full',
    match: 'host:a',
    lasting_us: null,
    max_bytes: null,
    max_exchanges: 5,
    reason: null,
    persist: false,
  });
  expect(leaseOf(draft({ size: '1MB', reason: ' INC-1 ', persist: true }), '')).toMatchObject({
    lasting_us: 600_000_000,
    max_bytes: 1_000_000,
    reason: 'INC-1',
    persist: true,
  });
});
