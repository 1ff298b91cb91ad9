import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fetchConnection, fetchUnread } from '../api/calls';
import type { Connection } from '../api/types';
import { MOST, UnreadConnections } from './unread.svelte';

vi.mock('../api/calls');
const fetched = vi.mocked(fetchUnread);
type Answer = Awaited<ReturnType<typeof fetchUnread>>;

const connection = (id: number) =>
  ({
    id,
    opened_at: new Date(Date.UTC(2026, 10, 30) + id * 1000).toISOString(),
    closed_at: null,
    client: '127.0.0.1:4000',
    verdict: 'tunnel',
    failure: null,
    destination: 'cdn.shop.test:443',
    bytes_in: 0,
    bytes_out: 0,
  }) as unknown as Connection;
const answer = (...ids: number[]) =>
  ({ connections: ids.map(connection), next_before: null }) as unknown as Awaited<ReturnType<typeof fetchUnread>>;
const all = { since: -Infinity, until: Infinity };

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.resetAllMocks();
});

function begin(query = '') {
  const unread = new UnreadConnections();
  unread.show(true);
  unread.follow(query, all);
  return { unread, ids: () => unread.rows.map(({ id }) => -id) };
}

/** An answer that comes when it is told to. */
function later() {
  let come: (answer: Answer) => void = () => undefined;
  fetched.mockReturnValueOnce(new Promise<Answer>((answered) => (come = answered)));
  return (...ids: number[]) => come(answer(...ids));
}

test('of many that come only the newest have rows', async () => {
  fetched.mockResolvedValue(answer());
  const { unread, ids } = begin();
  await vi.advanceTimersByTimeAsync(200);
  for (let id = 1; id <= MOST + 10; id++) unread.hear(connection(id));
  await vi.advanceTimersByTimeAsync(200);
  expect([ids().length, ids()[0], unread.known.size, unread.cut]).toEqual([MOST, MOST + 10, MOST, true]);
  expect(fetched).toHaveBeenCalledOnce();
});

test('news that come during a fetch stay', async () => {
  const come = later();
  const { unread, ids } = begin();
  await vi.advanceTimersByTimeAsync(200);
  unread.hear(connection(9));
  await vi.advanceTimersByTimeAsync(200);
  come(3, 2);
  await vi.advanceTimersByTimeAsync(0);
  expect(ids()).toEqual([9, 3, 2]);
});

test('under a filter dashcam is asked once a second, however many come and however the list grows', async () => {
  fetched.mockResolvedValue(answer(1));
  const { unread } = begin('host:a');
  await vi.advanceTimersByTimeAsync(200);
  for (let tick = 0; tick < 50; tick++) {
    unread.hear(connection(tick));
    unread.follow('host:a', { ...all });
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(fetched.mock.calls.length).toBeGreaterThanOrEqual(5);
  expect(fetched.mock.calls.length).toBeLessThanOrEqual(6);
});

test('rows of another filter are gone before its own are there', async () => {
  fetched.mockResolvedValue(answer(1));
  const { unread, ids } = begin();
  await vi.advanceTimersByTimeAsync(200);
  expect(ids()).toEqual([1]);
  unread.about('host:a');
  expect(ids()).toEqual([]);
});

test('the connection that was opened last is open, whichever answer is late', async () => {
  const { unread } = begin();
  let first: (connection: Connection) => void = () => undefined;
  vi.mocked(fetchConnection)
    .mockReturnValueOnce(new Promise<Connection>((answered) => (first = answered)))
    .mockResolvedValueOnce(connection(2));
  const opening = unread.open(1);
  await unread.open(2);
  first(connection(1));
  await opening;
  expect(unread.opened?.id).toBe(2);
  vi.mocked(fetchConnection).mockRejectedValueOnce(new Error('There is no connection 3.'));
  await unread.open(3);
  expect([unread.opened, unread.openError, unread.error]).toEqual([null, 'There is no connection 3.', null]);
});

test('older ones that were cut off are asked for once they come into sight', async () => {
  fetched.mockResolvedValue({
    ...answer(...Array.from({ length: 500 }, (_, at) => 9000 - at)),
    next_before: 1,
  } as Answer);
  const { unread, ids } = begin();
  await vi.advanceTimersByTimeAsync(200);
  expect([unread.cut, fetched.mock.calls.length]).toEqual([true, 4]);
  // The same window would be cut the same.
  unread.follow('', { ...all });
  await vi.advanceTimersByTimeAsync(200);
  expect(fetched).toHaveBeenCalledTimes(4);
  fetched.mockResolvedValue(answer(20, 19));
  const old = { since: Date.parse(connection(10).opened_at), until: Date.parse(connection(30).opened_at) };
  unread.follow('', old);
  await vi.advanceTimersByTimeAsync(200);
  expect(fetched).toHaveBeenCalledTimes(5);
  expect(ids()).toEqual([20, 19]);
  unread.follow('', { ...old });
  await vi.advanceTimersByTimeAsync(200);
  expect(fetched).toHaveBeenCalledTimes(5);
});
