import { expect, test } from 'vitest';
import type { Cost } from '../../api/types';
import { costText } from './costs';

test.each<[Cost['name'], number, number | null, string]>([
  ['cpu', 1.234, 5, 'CPU 1.2 % of 5.0 %'],
  ['cpu', 12.3, null, 'CPU 12 %'],
  ['memory', 2048, 268_435_456, 'memory 2.0 KiB of 256 MiB'],
  ['p99', 840, 1000, 'wait 840 µs of 1.0 ms'],
  ['dropped', 0, null, 'dropped 0'],
])('%s of %d', (name, value, bound, text) => {
  expect(costText({ name, value, bound, beyond: false })).toBe(text);
});
