import { expect, test, vi } from 'vitest';
import { fetchGapsByHour } from '../api/calls';
import type { LostHour } from '../api/types';
import { Gaps } from './gaps.svelte';

vi.mock('../api/calls');

const hour = (disk_full: number): LostHour => ({
  hour: '2026-11-22T15:00:00.000000Z',
  from: '2026-11-22T15:04:05.000000Z',
  until: '2026-11-22T15:05:00.000000Z',
  dropped: { queue_full: 1, disk_full, disk_error: 0, recorder_fault: 0, client_share: 0 },
});

test('what is missing is counted over all hours and reasons', async () => {
  vi.mocked(fetchGapsByHour).mockResolvedValueOnce({ hours: [hour(2), hour(3)] });
  const gaps = new Gaps();
  await gaps.refetch();
  expect([gaps.missing, gaps.loaded, gaps.hasMore]).toEqual([7, true, false]);
});

test('news during a fetch are fetched once more, and the last answer counts', async () => {
  const answers: ((hours: LostHour[]) => void)[] = [];
  vi.mocked(fetchGapsByHour).mockReset();
  vi.mocked(fetchGapsByHour).mockImplementation(
    () => new Promise((resolve) => answers.push((hours) => resolve({ hours }))),
  );
  const gaps = new Gaps();
  const first = gaps.refetch();
  await gaps.refetch();
  await gaps.refetch();
  expect(answers.length).toBe(1);
  answers[0]?.([]);
  await vi.waitFor(() => expect(answers.length).toBe(2));
  answers[1]?.([hour(5)]);
  await first;
  expect([gaps.missing, answers.length]).toEqual([6, 2]);
});

test('a failed fetch says why and keeps the hours', async () => {
  vi.mocked(fetchGapsByHour).mockReset();
  vi.mocked(fetchGapsByHour)
    .mockResolvedValueOnce({ hours: [hour(2)] })
    .mockRejectedValueOnce(new Error('no answer'));
  const gaps = new Gaps();
  await gaps.refetch();
  await gaps.refetch();
  expect([gaps.missing, gaps.error]).toEqual([3, 'no answer']);
});
