import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fetchExchanges } from '../api/calls';
import type { Summaries } from '../api/types';
import { row } from './sample';
import { Exchanges } from './exchanges.svelte';
import { KEPT } from './list.svelte';

vi.mock('../api/calls');

const page = (numbers: number[], edit: Partial<Summaries> = {}): Summaries => ({
  exchanges: numbers.map((id) => row(id)),
  next_before: null,
  next_after: null,
  ends: null,
  search: null,
  sorted: null,
  ...edit,
});
const answer = (numbers: number[], next: number | null = null, edit: Partial<Summaries> = {}) =>
  vi.mocked(fetchExchanges).mockResolvedValueOnce(page(numbers, { next_before: next, ...edit }));

async function loaded(numbers: number[], next: number | null = null): Promise<Exchanges> {
  const exchanges = new Exchanges();
  answer(numbers, next);
  exchanges.show('');
  await vi.advanceTimersByTimeAsync(0);
  return exchanges;
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const ALL = { first: 1, last: 1000 };
const down = (from: number, count: number) => Array.from({ length: count }, (_, n) => from - n);

test('it goes anywhere, and on from there in both directions', async () => {
  const exchanges = await loaded([1000, 999], 999);
  answer(down(500, 3), 498, { ends: ALL });
  await exchanges.list.goTo({ id: 500 });
  expect(vi.mocked(fetchExchanges).mock.lastCall?.[0]).toMatchObject({ before: 501 });
  expect([exchanges.list.ids, exchanges.list.hasNewer, exchanges.list.hasMore]).toEqual([[500, 499, 498], true, true]);
  answer([503, 502, 501], null, { next_after: 503, ends: ALL });
  await exchanges.list.loadNewer();
  expect(vi.mocked(fetchExchanges).mock.lastCall?.[0]).toMatchObject({ after: 500 });
  expect(exchanges.list.ids).toEqual(down(503, 6));
  answer([504], null, { ends: ALL });
  await exchanges.list.loadNewer();
  expect([exchanges.list.ids, exchanges.list.hasNewer]).toEqual([down(504, 7), false]);
});

test('away from the newest ones, new ones are only counted', async () => {
  const exchanges = await loaded([1000], 1000);
  answer([500], 500, { ends: ALL });
  await exchanges.list.goTo({ id: 500 });
  exchanges.hear(row(1001));
  exchanges.hear(row(1001, { status: 200 }));
  exchanges.hear(row(1002));
  await vi.advanceTimersByTimeAsync(100);
  expect([exchanges.list.ids, exchanges.list.waiting]).toEqual([[500], 2]);
  answer([1002, 1001], 1001, { ends: { first: 1, last: 1002 } });
  exchanges.list.toTop();
  await vi.advanceTimersByTimeAsync(0);
  expect([exchanges.list.ids, exchanges.list.waiting, exchanges.list.hasNewer]).toEqual([[1002, 1001], 0, false]);
});

test('with a filter, the newest that match are the newest there are', async () => {
  const exchanges = await loaded([500], 500);
  answer([400], 400, { ends: ALL });
  await exchanges.list.goTo({ id: 400 });
  expect(exchanges.list.hasNewer).toBe(true);
  answer([500, 400], 400, { ends: ALL });
  exchanges.list.toTop();
  await vi.advanceTimersByTimeAsync(0);
  expect([exchanges.list.ids, exchanges.list.hasNewer]).toEqual([[500, 400], false]);
  exchanges.hear(row(1001));
  await vi.advanceTimersByTimeAsync(100);
  expect([exchanges.list.ids, exchanges.list.waiting]).toEqual([[1001, 500, 400], 0]);
});

test('at the newest nothing waits, and what came while it was fetched is not lost', async () => {
  const exchanges = await loaded([1000], 1000);
  answer([500], 500, { ends: ALL });
  await exchanges.list.goTo({ id: 500 });
  exchanges.hear(row(1001));
  await vi.advanceTimersByTimeAsync(100);
  expect(exchanges.list.waiting).toBe(1);
  answer([1001], null, { ends: { first: 1, last: 1001 } });
  await exchanges.list.loadNewer();
  expect([exchanges.list.ids, exchanges.list.waiting, exchanges.list.hasNewer]).toEqual([[1001, 500], 0, false]);

  answer([500], 500, { ends: ALL });
  await exchanges.list.goTo({ id: 500 });
  let resolve: (late: Summaries) => void = () => undefined;
  vi.mocked(fetchExchanges).mockReturnValueOnce(new Promise((answered) => (resolve = answered)));
  exchanges.list.toTop();
  exchanges.hear(row(1002));
  await vi.advanceTimersByTimeAsync(100);
  answer([1002, 1001], 1001, { ends: { first: 1, last: 1002 } });
  resolve(page([1001], { next_before: 1001, ends: { first: 1, last: 1001 } }));
  await vi.advanceTimersByTimeAsync(0);
  expect([exchanges.list.ids, exchanges.list.waiting]).toEqual([[1002, 1001], 0]);
});

test('the oldest ones are at the end', async () => {
  const exchanges = await loaded([1000], 1000);
  answer([3, 2, 1], null, { next_after: 3, ends: ALL });
  await exchanges.list.goTo('oldest');
  expect(vi.mocked(fetchExchanges).mock.lastCall?.[0]).toMatchObject({ after: 0 });
  expect([exchanges.list.ids, exchanges.list.hasMore, exchanges.list.hasNewer]).toEqual([[3, 2, 1], false, true]);
});

test('of more than are kept, those far from the reader are let go', async () => {
  const exchanges = await loaded(down(9000, 1000), 8001);
  for (let from = 8000; from > 8000 - KEPT; from -= 1000) {
    answer(down(from, 1000), from - 999, { ends: { first: 1, last: 9000 } });
    await exchanges.list.loadMore();
  }
  expect([exchanges.list.ids[0], exchanges.list.ids.length]).toEqual([8000, KEPT]);
  expect(exchanges.list.hasNewer).toBe(true);
  answer(down(9000, 1000), null, { ends: { first: 1, last: 9000 } });
  await exchanges.list.loadNewer();
  expect([exchanges.list.ids[0], exchanges.list.ids.length, exchanges.list.hasMore]).toEqual([9000, KEPT, true]);
});

test('so many wait that only their number is kept', async () => {
  const exchanges = await loaded([2, 1]);
  exchanges.list.reading(false);
  for (let id = 3; id < 1503; id++) exchanges.hear(row(id));
  await vi.advanceTimersByTimeAsync(100);
  expect([exchanges.list.waiting, exchanges.list.held, exchanges.list.hasNewer]).toEqual([1500, [], true]);
});

test('those that are about to be deleted are in no list, until that is undone', async () => {
  const exchanges = await loaded([3, 2, 1]);
  exchanges.omit([2]);
  exchanges.hear(row(2, { status: 200 }));
  await vi.advanceTimersByTimeAsync(100);
  expect(exchanges.list.ids).toEqual([3, 1]);
  answer([3, 2, 1]);
  await exchanges.list.refetch();
  expect(exchanges.list.ids).toEqual([3, 1]);
  answer([3, 2, 1]);
  exchanges.restore([2]);
  await vi.advanceTimersByTimeAsync(0);
  expect(exchanges.list.ids).toEqual([3, 2, 1]);
});

test('a sorted list is as dashcam sorts it, and counts what is new', async () => {
  const exchanges = await loaded([3, 2, 1]);
  answer([2, 3], null, { sorted: { looked_at: 3, complete: true, next: 'n5~3' }, ends: { first: 1, last: 3 } });
  exchanges.sort({ by: 'duration', order: 'desc' });
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.mocked(fetchExchanges).mock.lastCall?.[0]).toMatchObject({ sort: 'duration', order: 'desc' });
  answer([1], null, { sorted: { looked_at: 3, complete: true, next: null }, ends: { first: 1, last: 3 } });
  await exchanges.list.loadMore();
  expect(vi.mocked(fetchExchanges).mock.lastCall?.[0]).toMatchObject({ from: 'n5~3' });
  exchanges.hear(row(2, { status: 500 }));
  exchanges.hear(row(4));
  expect([exchanges.list.ids, exchanges.list.waiting, exchanges.list.hasMore]).toEqual([[2, 3, 1], 1, false]);
  expect(exchanges.get(2)?.status).toBe(500);
});

test('where the stream leaves some out, the list goes on with the newest ones, and older ones are loaded', async () => {
  const exchanges = await loaded([3, 2, 1]);
  // An older one has ended meanwhile: the hole is above it.
  exchanges.hear(row(2, { state: 'complete', status: 200 }));
  exchanges.hear(row(5));
  exchanges.hear(row(6));
  exchanges.skipped({ exchanges: 1, newest: 4 });
  await vi.advanceTimersByTimeAsync(100);
  expect([exchanges.list.ids, exchanges.list.hasMore, exchanges.list.waiting]).toEqual([[6, 5], true, 0]);
  answer([4, 3]);
  await exchanges.list.loadMore();
  expect(vi.mocked(fetchExchanges).mock.lastCall?.[0]).toMatchObject({ before: 5 });
  expect(exchanges.list.ids).toEqual([6, 5, 4, 3]);
});

test('further down, those that are left out are counted, and what was under way is looked at again', async () => {
  const exchanges = await loaded([2, 1]);
  exchanges.list.reading(false);
  vi.mocked(fetchExchanges).mockResolvedValueOnce({ ...page([1]), exchanges: [row(2, { state: 'complete' }), row(1)] });
  exchanges.hear(row(900));
  exchanges.skipped({ exchanges: 700, newest: 899 });
  await vi.advanceTimersByTimeAsync(100);
  expect([exchanges.list.ids, exchanges.list.hasNewer, exchanges.list.waiting]).toEqual([[2, 1], true, 701]);
  expect(exchanges.get(2)?.state).toBe('complete');
});
