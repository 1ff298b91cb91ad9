import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Histogram } from '../api/types';
import { endOnly } from './histogram';

const EVERY_US = 1_000_000;
const at = (second: number) => new Date(Date.UTC(2026, 10, 30, 12, 0, second)).toISOString();
const covered = (exchanges: number, complete = true) => ({
  complete,
  dropped: 0,
  estimate: exchanges,
  exchanges,
  from: at(0),
  gaps: [],
  looked_at: exchanges,
  paused_since: null,
  until: at(59),
});

/** Buckets of a second from `second` on, with so many exchanges each. */
const histogram = (second: number, counts: number[], complete = true) =>
  ({
    buckets: counts.map((count, n) => ({ from: at(second + n), count, errors: 0 })),
    every_us: EVERY_US,
    covered: covered(
      counts.reduce((sum, count) => sum + count, 0),
      complete,
    ),
  }) as unknown as Histogram;

const signal = new AbortController().signal;
const counts = ({ buckets }: Histogram) => buckets.map(({ count }) => count);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('only the end is counted again, until a minute has passed', async () => {
  const count = vi.fn();
  const fetch = endOnly(count);
  count.mockResolvedValueOnce(histogram(0, [1, 2, 3, 4]));
  expect(counts(await fetch('status:5xx', signal))).toEqual([1, 2, 3, 4]);
  count.mockResolvedValueOnce(histogram(2, [5, 6, 7]));
  const next = await fetch('status:5xx', signal);
  expect(count).toHaveBeenLastCalledWith(`(status:5xx) since:${at(2)}`, signal, EVERY_US);
  expect([counts(next), next.covered.exchanges]).toEqual([[1, 2, 5, 6, 7], 21]);
  await vi.advanceTimersByTimeAsync(60_000);
  count.mockResolvedValueOnce(histogram(0, [9, 9, 9, 9]));
  expect(counts(await fetch('status:5xx', signal))).toEqual([9, 9, 9, 9]);
  expect(count).toHaveBeenLastCalledWith('status:5xx', signal);
});

test('another filter, buckets that do not fit and an answer that is not complete are counted as a whole', async () => {
  const count = vi.fn();
  const fetch = endOnly(count);
  count.mockResolvedValueOnce(histogram(0, [1, 1, 1, 1]));
  await fetch('', signal);
  count.mockResolvedValueOnce(histogram(0, [2, 2, 2, 2]));
  expect(counts(await fetch('a', signal))).toEqual([2, 2, 2, 2]);
  count.mockResolvedValueOnce(histogram(9, [1])).mockResolvedValueOnce(histogram(0, [3, 3, 3, 3]));
  expect(counts(await fetch('a', signal))).toEqual([3, 3, 3, 3]);
  count.mockResolvedValueOnce(histogram(2, [1, 1], false)).mockResolvedValueOnce(histogram(0, [4, 4, 4, 4]));
  expect(counts(await fetch('a', signal))).toEqual([4, 4, 4, 4]);
});

test('gaps before the end stay, and one that has grown is there once', async () => {
  const count = vi.fn();
  const fetch = endOnly(count);
  const gap = (second: number, exchanges: number) => ({ from: at(second), until: at(second + 1), exchanges });
  const withGaps = (histogram: Histogram, gaps: object[]) =>
    ({ ...histogram, covered: { ...histogram.covered, gaps } }) as unknown as Histogram;
  count.mockResolvedValueOnce(withGaps(histogram(0, [1, 2, 3, 4]), [gap(3, 5), gap(0, 2)]));
  await fetch('', signal);
  count.mockResolvedValueOnce(withGaps(histogram(2, [3, 4]), [gap(3, 7)]));
  const { covered } = await fetch('', signal);
  expect(covered.gaps.map(({ exchanges }) => exchanges)).toEqual([7, 2]);
  expect(covered.dropped).toBe(9);
});

test('what was deleted before the end is counted no more', async () => {
  const count = vi.fn();
  const fetch = endOnly(count);
  count.mockResolvedValueOnce(histogram(0, [1, 2, 3, 4]));
  await fetch('', signal);
  fetch.forget();
  count.mockResolvedValueOnce(histogram(0, [0, 2, 3, 4]));
  expect(counts(await fetch('', signal))).toEqual([0, 2, 3, 4]);
  expect(count).toHaveBeenLastCalledWith('', signal);
});
