import { expect, test } from 'vitest';
import type { Status } from '../api/types';
import { ratesOf, rateText } from './rates';

const status = (total: number, bad: number, stored: number, started_at = 'a') =>
  ({
    started_at,
    ledger: { stored },
    traffic: { requests: { total, status_5xx: bad, failed: 1 } },
  }) as unknown as Status;

test('rates are differences by the time between', () => {
  expect(ratesOf(status(100, 5, 90), status(140, 6, 100), 2)).toEqual({ requests: 20, errors: 0.5, recorded: 5 });
  expect(ratesOf(status(100, 5, 90), status(90, 5, 90), 2)?.requests).toBe(0);
});

test('there is no rate at first, and across a restart', () => {
  expect(ratesOf(null, status(1, 0, 1), 2)).toBeNull();
  expect(ratesOf(status(100, 0, 1, 'a'), status(1, 0, 1, 'b'), 2)).toBeNull();
  expect(ratesOf(status(1, 0, 1), status(2, 0, 1), 0)).toBeNull();
});

test.each([
  [0, '0'],
  [0.04, '0.0'],
  [0.5, '0.5'],
  [9.96, '10'],
  [1234.4, '1234'],
  [9999.4, '9999'],
  [12_345, '12.3k'],
  [123_456, '123k'],
])('%d is %s', (rate, text) => expect(rateText(rate)).toBe(text));
