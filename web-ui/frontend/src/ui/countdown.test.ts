import { expect, test } from 'vitest';
import { countdown } from './countdown';

test.each([
  [-5000, '0:00'],
  [1, '0:01'],
  [7000, '0:07'],
  [581_000, '9:41'],
  [7_510_000, '2:05:10'],
  [266_710_000, '3 d 2:05:10'],
])('%d ms are %s', (ms, text) => expect(countdown(ms)).toBe(text));
