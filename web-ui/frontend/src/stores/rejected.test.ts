import { afterEach, expect, test, vi } from 'vitest';
import * as calls from '../api/calls';
import type { RejectedPair } from '../api/types';
import { Rejected } from './rejected.svelte';

vi.mock('../api/calls');
afterEach(() => vi.resetAllMocks());

const pair = (id: number): RejectedPair => ({
  id,
  client: '127.0.0.1',
  runtime: 'python',
  host: 'a.test:443',
  side: 'client',
  message: 'It refused.',
  since: '2026-11-29T10:00:00.000000Z',
  until: '2026-11-29T11:00:00.000000Z',
  refusals: 3,
  connections: 2,
});

test('a pair that is decrypted again is listed no more', async () => {
  const rejected = new Rejected();
  vi.mocked(calls.fetchRejected).mockResolvedValue({ pairs: [pair(2), pair(1)] });
  vi.mocked(calls.removeRejected).mockResolvedValue(undefined);
  await rejected.refetch();
  const removed = rejected.remove(2);
  expect(rejected.removing).toEqual([2]);
  await removed;
  expect([rejected.pairs.map(({ id }) => id), rejected.removing]).toEqual([[1], []]);
});

test('a failure leaves the list as it is', async () => {
  const rejected = new Rejected();
  vi.mocked(calls.fetchRejected).mockResolvedValueOnce({ pairs: [pair(1)] });
  await rejected.refetch();
  vi.mocked(calls.removeRejected).mockRejectedValue(new Error('no'));
  await expect(rejected.remove(1)).rejects.toThrow('no');
  vi.mocked(calls.fetchRejected).mockRejectedValueOnce(new Error('gone'));
  await rejected.refetch();
  expect([rejected.pairs.length, rejected.removing, rejected.error]).toEqual([1, [], 'gone']);
});
