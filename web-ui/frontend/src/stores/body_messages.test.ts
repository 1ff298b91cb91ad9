import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fetchBodyMessages } from '../api/body_calls';
import type { BodyMessage } from '../api/types';
import { BodyMessages } from './body_messages.svelte';

vi.mock('../api/body_calls', () => ({ fetchBodyMessages: vi.fn() }));
const fetched = vi.mocked(fetchBodyMessages);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const message = (offset: number): BodyMessage => ({
  offset,
  at: null,
  kind: 'tick',
  media_type: '',
  size: 1,
  complete: true,
  preview: false,
  text: 'a',
  data: '',
});

const answer = (offsets: number[], next_offset: number, more = false) => ({
  messages: offsets.map(message),
  next_offset,
  more,
  note: null,
});

test('windows follow each other, and what comes later is asked for from where the last one ended', async () => {
  fetched.mockReset();
  fetched.mockResolvedValueOnce(answer([0, 9], 20, true)).mockResolvedValueOnce(answer([20], 30));
  const messages = new BodyMessages(7, 'response');
  messages.hear(30, false);
  await vi.runAllTimersAsync();
  expect([messages.rows.length, messages.hasMore]).toEqual([2, true]);
  await messages.loadMore();
  expect(fetched.mock.calls.map(([, , query]) => query.offset)).toEqual([0, 20]);
  messages.hear(30, false);
  expect(fetched).toHaveBeenCalledTimes(2);
  fetched.mockResolvedValueOnce(answer([30], 40));
  messages.hear(40, false);
  await vi.runAllTimersAsync();
  expect(messages.rows.map(({ offset }) => offset)).toEqual([0, 9, 20, 30]);
  expect(fetched.mock.lastCall?.[2].offset).toBe(30);
});

test('windows in which nothing is are passed over', async () => {
  fetched.mockReset();
  fetched.mockResolvedValueOnce(answer([], 900, true)).mockResolvedValueOnce(answer([950], 999));
  const messages = new BodyMessages(7, 'response');
  messages.hear(999, true);
  await vi.runAllTimersAsync();
  expect([messages.rows.length, messages.hasMore, fetched.mock.calls.length]).toEqual([1, false, 2]);
  expect(fetched.mock.lastCall?.[2].offset).toBe(900);
});

test('what came during a look is looked at once more', async () => {
  fetched.mockReset();
  let answered: (answer: Awaited<ReturnType<typeof fetchBodyMessages>>) => void = () => undefined;
  fetched.mockReturnValueOnce(new Promise((resolve) => (answered = resolve)));
  const messages = new BodyMessages(7, 'response');
  messages.hear(10, false);
  messages.hear(20, true);
  expect(fetched).toHaveBeenCalledTimes(1);
  fetched.mockResolvedValueOnce(answer([10], 20));
  answered(answer([0], 10));
  await vi.runAllTimersAsync();
  expect(messages.rows.length).toBe(2);
  expect(fetched).toHaveBeenCalledTimes(2);
});

test('a failure is said, and asked for again when more has come', async () => {
  fetched.mockReset();
  fetched.mockRejectedValueOnce(new Error('no'));
  const messages = new BodyMessages(7, 'request');
  messages.hear(10, false);
  await vi.runAllTimersAsync();
  expect(messages.error).toBe('no');
  fetched.mockResolvedValueOnce(answer([0], 11));
  messages.hear(11, false);
  await vi.runAllTimersAsync();
  expect([messages.error, messages.rows.length]).toEqual([null, 1]);
});

test('a failure is not the end of the list', async () => {
  fetched.mockReset();
  fetched.mockResolvedValueOnce(answer([0], 10, true)).mockRejectedValueOnce(new Error('no'));
  const messages = new BodyMessages(7, 'response');
  messages.hear(30, true);
  await vi.runAllTimersAsync();
  await messages.loadMore();
  expect([messages.error, messages.hasMore]).toEqual(['no', true]);
  fetched.mockResolvedValueOnce(answer([10], 30));
  await messages.loadMore();
  expect([messages.error, messages.hasMore, messages.rows.length]).toEqual([null, false, 2]);
});
