import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fetchExchange, replayExchange } from '../../api/calls';
import type { Exchange } from '../../api/types';
import { Repetition } from './repeat.svelte';

vi.mock('../../api/calls');

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.resetAllMocks();
});

test('nothing is asked for any more once it is closed', async () => {
  vi.mocked(replayExchange).mockResolvedValue({ id: 9 });
  vi.mocked(fetchExchange).mockResolvedValue({ id: 9, state: 'open' } as Exchange);
  const work = new Repetition({ id: 7, url: 'http://a.test/' } as Exchange);
  const ended = work.start();
  await vi.advanceTimersByTimeAsync(1000);
  const asked = vi.mocked(fetchExchange).mock.calls.length;
  expect(asked).toBeGreaterThan(1);
  work.close();
  await vi.advanceTimersByTimeAsync(60_000);
  await ended;
  expect(fetchExchange).toHaveBeenCalledTimes(asked);
  expect(work.running).toBe(false);
  expect(replayExchange).toHaveBeenCalledTimes(1);
});
