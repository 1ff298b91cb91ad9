import { expect, test } from 'vitest';
import { turned, without, written } from './chips';

const term = (from: number, to: number, opposite: string) => ({ from, to, text: '', excludes: false, opposite });

test('conditions are taken out and turned, whatever joins them', () => {
  const filter = '😀 & -host:ü  (a | b)';
  const terms = [term(0, 1, '-😀'), term(4, 11, 'host:ü'), term(13, 20, '-(a | b)')];
  expect(terms.map((one) => written(filter, one))).toEqual(['😀', '-host:ü', '(a | b)']);
  expect(without(filter, terms, 0)).toBe('-host:ü (a | b)');
  expect(without(filter, terms, 1)).toBe('😀 (a | b)');
  expect(turned(filter, terms, 1)).toBe('😀 host:ü (a | b)');
  expect(turned(filter, terms, 2)).toBe('😀 -host:ü -(a | b)');
  expect(without('a', [term(0, 1, '-a')], 0)).toBe('');
});
