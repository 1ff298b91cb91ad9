import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fetchExchanges } from '../api/calls';
import { row } from './sample';
import { Exchanges } from './exchanges.svelte';
import { bySeq } from './messages.svelte';

vi.mock('../api/calls');

const ids = (rows: readonly { id: number }[]) => rows.map(({ id }) => id);
const answer = (numbers: number[], next: number | null = null) =>
  vi.mocked(fetchExchanges).mockResolvedValueOnce({ exchanges: numbers.map((id) => row(id)), next_before: next });

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
  expect(ids(exchanges.rows)).toEqual([3, 2, 1]);
  expect(exchanges.rows[2]?.status).toBe(200);
});

test('news wait while the reader is further down, updates do not', async () => {
  const exchanges = await loaded([2, 1]);
  exchanges.reading(false);
  exchanges.hear(row(3));
  exchanges.hear(row(2, { status: 404 }));
  await vi.advanceTimersByTimeAsync(100);
  expect(ids(exchanges.rows)).toEqual([2, 1]);
  expect(exchanges.rows[0]?.status).toBe(404);
  expect(ids(exchanges.held)).toEqual([3]);
  expect(exchanges.find(3)?.id).toBe(3);
  exchanges.reading(true);
  expect(ids(exchanges.rows)).toEqual([3, 2, 1]);
  expect(exchanges.held).toEqual([]);
});

test('fetching again holds back what is new, too', async () => {
  const exchanges = await loaded([5, 4], 4);
  exchanges.reading(false);
  answer([8, 7, 5], 5);
  await exchanges.refetch();
  expect(ids(exchanges.rows)).toEqual([5, 4]);
  expect(ids(exchanges.held)).toEqual([8, 7]);
  expect(exchanges.hasMore).toBe(true);
});

test('the page starts at the top again when nothing is left of what it showed', async () => {
  const exchanges = await loaded([5, 4], 4);
  exchanges.reading(false);
  answer([90, 89], 89);
  await exchanges.refetch();
  expect(ids(exchanges.rows)).toEqual([90, 89]);
  expect(exchanges.held).toEqual([]);
});

test('news that the store has not written yet survive fetching, deleted rows do not', async () => {
  const exchanges = await loaded([2, 1]);
  exchanges.hear(row(3));
  await vi.advanceTimersByTimeAsync(100);
  answer([2]);
  await exchanges.refetch();
  expect(ids(exchanges.rows)).toEqual([3, 2]);
  await vi.advanceTimersByTimeAsync(10_000);
  answer([2]);
  await exchanges.refetch();
  expect(ids(exchanges.rows)).toEqual([2]);
});

test('older pages follow', async () => {
  const exchanges = await loaded([9, 8], 8);
  answer([7, 6]);
  await exchanges.loadMore();
  expect(ids(exchanges.rows)).toEqual([9, 8, 7, 6]);
  expect(exchanges.hasMore).toBe(false);
  expect(vi.mocked(fetchExchanges).mock.lastCall?.[0]).toMatchObject({ before: 8 });
});

test('a failed fetch says why and keeps the rows', async () => {
  const exchanges = await loaded([1]);
  vi.mocked(fetchExchanges).mockRejectedValueOnce(new Error('disk on fire'));
  await exchanges.refetch();
  expect(exchanges.error).toBe('disk on fire');
  expect(ids(exchanges.rows)).toEqual([1]);
});

test('messages are in order, each once', () => {
  const message = (seq: number) => ({
    seq,
    at: '',
    direction: 'request' as const,
    kind: 'text' as const,
    size: 0,
    stored: 0,
    coding: null,
    preview: false,
    text: '',
    data: '',
  });
  expect(bySeq([message(0), message(2)], [message(2), message(1)]).map(({ seq }) => seq)).toEqual([0, 1, 2]);
});
