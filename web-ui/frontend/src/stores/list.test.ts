import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fetchExchanges } from '../api/calls';
import { ApiError } from '../api/error';
import type { Summaries } from '../api/types';
import { row } from './sample';
import { Exchanges } from './exchanges.svelte';

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

test('news appear on top while the reader is there', async () => {
  const exchanges = await loaded([2, 1]);
  exchanges.hear(row(3));
  exchanges.hear(row(1, { state: 'complete', status: 200 }));
  await vi.advanceTimersByTimeAsync(100);
  expect(exchanges.list.ids).toEqual([3, 2, 1]);
  expect(exchanges.get(1)?.status).toBe(200);
});

test('an exchange that is not kept is gone, also before news of it were put in', async () => {
  const exchanges = await loaded([2, 1]);
  exchanges.hear(row(3));
  exchanges.remove(3);
  await vi.advanceTimersByTimeAsync(100);
  expect(exchanges.list.ids).toEqual([2, 1]);
  exchanges.hear(row(4));
  await vi.advanceTimersByTimeAsync(100);
  exchanges.remove(4);
  expect(exchanges.list.ids).toEqual([2, 1]);
});

test('news wait while the reader is further down, updates do not', async () => {
  const exchanges = await loaded([2, 1]);
  exchanges.list.reading(false);
  exchanges.hear(row(3));
  exchanges.hear(row(2, { status: 404 }));
  await vi.advanceTimersByTimeAsync(100);
  expect(exchanges.list.ids).toEqual([2, 1]);
  expect(exchanges.get(2)?.status).toBe(404);
  expect(exchanges.list.held).toEqual([3]);
  expect(exchanges.get(3)?.id).toBe(3);
  exchanges.list.reading(true);
  expect(exchanges.list.ids).toEqual([3, 2, 1]);
  expect(exchanges.list.held).toEqual([]);
});

test('fetching again holds back what is new, too', async () => {
  const exchanges = await loaded([5, 4], 4);
  exchanges.list.reading(false);
  answer([8, 7, 5], 5);
  await exchanges.list.refetch();
  expect(exchanges.list.ids).toEqual([5, 4]);
  expect(exchanges.list.held).toEqual([8, 7]);
  expect(exchanges.list.hasMore).toBe(true);
});

test('the page starts at the top again when nothing is left of what it showed', async () => {
  const exchanges = await loaded([5, 4], 4);
  exchanges.list.reading(false);
  answer([90, 89], 89);
  await exchanges.list.refetch();
  expect(exchanges.list.ids).toEqual([90, 89]);
  expect(exchanges.list.held).toEqual([]);
});

test('news that come while it is fetched survive that, rows that are gone do not', async () => {
  const exchanges = await loaded([2, 1]);
  vi.mocked(fetchExchanges).mockImplementationOnce(
    () => new Promise((resolve) => setTimeout(() => resolve(page([2])), 500)),
  );
  const fetching = exchanges.list.refetch();
  exchanges.hear(row(3));
  await vi.advanceTimersByTimeAsync(1000);
  await fetching;
  expect(exchanges.list.ids).toEqual([3, 2]);
  answer([2]);
  await exchanges.list.refetch();
  expect(exchanges.list.ids).toEqual([2]);
});

test('one that is removed while an answer is under way does not come back with it', async () => {
  const slow = (numbers: number[], next: number | null = null) =>
    vi
      .mocked(fetchExchanges)
      .mockImplementationOnce(
        () => new Promise((resolve) => setTimeout(() => resolve(page(numbers, { next_before: next })), 500)),
      );
  const exchanges = await loaded([9, 8], 8);
  slow([9, 8], 8);
  const fetching = exchanges.list.refetch();
  exchanges.remove(9);
  await vi.advanceTimersByTimeAsync(1000);
  await fetching;
  expect([exchanges.list.ids, exchanges.get(9)]).toEqual([[8], undefined]);
  // So with older ones, also with one that was not loaded yet; one that matches again is there again.
  slow([7, 6, 5]);
  const loading = exchanges.list.loadMore();
  exchanges.remove(7);
  exchanges.left(6);
  exchanges.hear(row(5));
  exchanges.left(8);
  exchanges.hear(row(8));
  await vi.advanceTimersByTimeAsync(1000);
  await loading;
  expect([exchanges.list.ids, exchanges.get(7)]).toEqual([[8, 5], undefined]);
  // A sorted list is no other.
  slow([8, 5]);
  exchanges.sort({ by: 'duration', order: 'desc' });
  exchanges.remove(8);
  await vi.advanceTimersByTimeAsync(1000);
  expect(exchanges.list.ids).toEqual([5]);
});

test('older pages follow', async () => {
  const exchanges = await loaded([9, 8], 8);
  answer([7, 6]);
  await exchanges.list.loadMore();
  expect(exchanges.list.ids).toEqual([9, 8, 7, 6]);
  expect(exchanges.list.hasMore).toBe(false);
  expect(vi.mocked(fetchExchanges).mock.lastCall?.[0]).toMatchObject({ before: 8 });
});

test('a failed fetch says why and keeps the rows', async () => {
  const exchanges = await loaded([1]);
  vi.mocked(fetchExchanges).mockRejectedValueOnce(new Error('disk on fire'));
  await exchanges.list.refetch();
  expect(exchanges.list.error).toBe('disk on fire');
  expect(exchanges.list.ids).toEqual([1]);
});

test('pins are as they were fetched, and states are never taken back', async () => {
  const exchanges = await loaded([2, 1]);
  exchanges.hear(row(2, { state: 'complete', status: 200, pinned: true }));
  exchanges.hear(row(2, { status: 200 }));
  await vi.advanceTimersByTimeAsync(100);
  exchanges.pinned(1, true);
  expect([exchanges.get(2)?.state, exchanges.get(2)?.pinned, exchanges.get(1)?.pinned]).toEqual([
    'complete',
    false,
    true,
  ]);
  answer([2, 1]);
  await exchanges.list.refetch();
  expect([exchanges.get(2)?.state, exchanges.get(1)?.pinned]).toEqual(['complete', false]);
});

test('another query is another list, and late answers for the one before do not count', async () => {
  const exchanges = await loaded([2, 1], 1);
  const late = vi
    .mocked(fetchExchanges)
    .mockImplementationOnce(() => new Promise((resolve) => setTimeout(() => resolve(page([9])), 500)));
  void exchanges.list.refetch();
  answer([1]);
  exchanges.show('words');
  await vi.advanceTimersByTimeAsync(1000);
  expect([exchanges.query, exchanges.list.ids]).toEqual(['words', [1]]);
  expect(late.mock.lastCall?.[0]).toMatchObject({ filter: 'words' });
});

test('what no list names any more is forgotten', async () => {
  const exchanges = await loaded([1]);
  for (let id = 2; id < 3000; id++) exchanges.hear(row(id));
  await vi.advanceTimersByTimeAsync(10_000);
  answer([2999]);
  await exchanges.list.refetch();
  expect(exchanges.list.ids).toEqual([2999]);
  expect(exchanges.known.size).toBe(1);
});

test('a search that takes long goes on by itself', async () => {
  const exchanges = new Exchanges();
  answer([], 900);
  answer([850], 700);
  answer([600, 599], 599);
  exchanges.show('body:x');
  await vi.advanceTimersByTimeAsync(0);
  expect(exchanges.list.ids).toEqual([850, 600, 599]);
  expect(exchanges.list.hasMore).toBe(true);
  expect(
    vi
      .mocked(fetchExchanges)
      .mock.calls.slice(-2)
      .map(([query]) => query.before),
  ).toEqual([900, 700]);
});

test('a filter that can not be read says where', async () => {
  const exchanges = new Exchanges();
  const fault = { text: 'staus:5', column: 1, message: 'there is no field', expected: '', suggestion: 'status' };
  vi.mocked(fetchExchanges).mockRejectedValueOnce(new ApiError(400, 'bad_filter', 'no', fault));
  exchanges.show('staus:5');
  await vi.advanceTimersByTimeAsync(0);
  expect(exchanges.list.fault).toEqual(fault);
  answer([1]);
  await exchanges.list.refetch();
  expect(exchanges.list.fault).toBeNull();
});

test('one that does not match any more is taken out', async () => {
  const exchanges = await loaded([2, 1]);
  exchanges.left(2);
  expect(exchanges.list.ids).toEqual([1]);
  expect(exchanges.get(2)?.id).toBe(2);
});

test('a search through bodies says how far it came, stops, and goes on', async () => {
  const exchanges = new Exchanges();
  const part = (numbers: number[], next: number | null, left: number) =>
    page(numbers, { next_before: next, search: { looked_at: 50, left, bytes: 1000, unreadable: 0, took_us: 1 } });
  vi.mocked(fetchExchanges).mockResolvedValueOnce(part([90], 60, 100));
  let signal: AbortSignal | undefined;
  vi.mocked(fetchExchanges).mockImplementationOnce(
    (_, given) =>
      new Promise((_resolve, reject) => {
        signal = given;
        given?.addEventListener('abort', () => reject(new Error('aborted')));
      }),
  );
  exchanges.show('body:x');
  await vi.advanceTimersByTimeAsync(0);
  expect(exchanges.list.search).toMatchObject({ lookedAt: 50, left: 100 });
  expect(exchanges.list.loadingMore).toBe(true);
  exchanges.list.stop();
  await vi.advanceTimersByTimeAsync(0);
  expect([signal?.aborted, exchanges.list.loadingMore, exchanges.list.error]).toEqual([true, false, null]);
  vi.mocked(fetchExchanges).mockResolvedValueOnce(part([7], null, 0));
  exchanges.list.goOn();
  await vi.advanceTimersByTimeAsync(0);
  expect(exchanges.list.ids).toEqual([90, 7]);
  expect(exchanges.list.search).toMatchObject({ lookedAt: 100, left: 0, bytes: 2000 });
  expect(vi.mocked(fetchExchanges).mock.lastCall?.[0]).toMatchObject({ before: 60, filter: 'body:x' });
});

/** Answers that come when they are told to. */
function later(numbers: number[], next: number | null = null): () => void {
  let come: () => void = () => undefined;
  const promised = new Promise<Summaries>((on) => (come = () => on(page(numbers, { next_before: next }))));
  vi.mocked(fetchExchanges).mockReturnValueOnce(promised);
  return come;
}

const asked = () => vi.mocked(fetchExchanges).mock.calls.map(([query]) => query);

test('what is fetched again after the first answer is loaded ahead of once', async () => {
  vi.mocked(fetchExchanges).mockClear();
  const exchanges = new Exchanges();
  const come = later([9, 8], 8);
  answer([9, 8], 8);
  answer([7]);
  exchanges.show('');
  const refetched = exchanges.refetch();
  come();
  await refetched;
  await vi.advanceTimersByTimeAsync(0);
  expect(asked().map((query) => query.before)).toEqual([undefined, undefined, 8]);
  expect(exchanges.list.ids).toEqual([9, 8, 7]);
});

test('a list that another one has taken the place of is not fetched again', async () => {
  vi.mocked(fetchExchanges).mockClear();
  const exchanges = new Exchanges();
  const come = later([1]);
  exchanges.show('host:a');
  const refetched = exchanges.refetch();
  const comeOther = later([2]);
  exchanges.show('host:b');
  come();
  await refetched;
  comeOther();
  await vi.advanceTimersByTimeAsync(0);
  expect(asked().map((query) => query.filter)).toEqual(['host:a', 'host:b']);
  expect(exchanges.list.ids).toEqual([2]);
});
