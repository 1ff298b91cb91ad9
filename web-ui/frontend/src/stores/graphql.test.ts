import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fetchGraphqlCalls } from '../api/calls';
import { GraphqlCalls, KEPT } from './graphql.svelte';
import { row } from './sample';

vi.mock('../api/calls');
const fetched = vi.mocked(fetchGraphqlCalls);
const call = (id: number) => ({ id, operation: `Q${id}`, errors: 0 });

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.resetAllMocks();
});

const seen = async (calls: GraphqlCalls, ...ids: number[]) => {
  calls.seen(ids.map((id) => row(id, { state: 'complete' })));
  await vi.runAllTimersAsync();
};
const asked = () => fetched.mock.calls.map(([ids]) => ids);

test('calls for which there was no time are asked about again', async () => {
  const calls = new GraphqlCalls(() => true);
  fetched.mockResolvedValueOnce({ calls: [call(1)] }).mockResolvedValueOnce({ calls: [] });
  await seen(calls, 1, 2);
  expect(asked()).toEqual([[1, 2], [2]]);
  fetched.mockResolvedValueOnce({ calls: [call(2)] });
  await seen(calls, 1, 2);
  expect(asked().slice(2)).toEqual([[2]]);
  await seen(calls, 1, 2);
  expect(asked().length).toBe(3);
});

test('calls are asked about again after an error', async () => {
  const calls = new GraphqlCalls(() => true);
  fetched.mockRejectedValueOnce(new Error('gone')).mockResolvedValueOnce({ calls: [call(1)] });
  await seen(calls, 1);
  await seen(calls, 1);
  expect(calls.known.get(1)?.operation).toBe('Q1');
});

test('the oldest answers are forgotten, and no others', async () => {
  const calls = new GraphqlCalls(() => true);
  fetched.mockImplementation((ids) => Promise.resolve({ calls: ids.map(call) }));
  for (let from = 0; from <= KEPT; from += 100)
    await seen(calls, ...Array.from({ length: 100 }, (_, at) => from + at + 1));
  expect([calls.known.size, calls.known.get(100), calls.known.get(101)?.id]).toEqual([KEPT, undefined, 101]);
});
