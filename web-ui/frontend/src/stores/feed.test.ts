import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watch, type LiveHandlers } from '../api/live';
import { Feed, type Fed } from './feed.svelte';

vi.mock('../api/live');

const REST = ['rules', 'leases', 'gaps', 'connections', 'snapshots', 'changes'];

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.resetAllMocks();
});

/** A feed whose stream is open, with the stores that were fetched again by now; each but the list is there at once. */
function open(list: () => Promise<void>) {
  const fetched: string[] = [];
  const rest = REST.map((name) => [name, { refetch: () => Promise.resolve(void fetched.push(name)) }] as const);
  const stores = {
    exchanges: { refetch: list },
    detail: { reload: () => undefined },
    unread: { refetch: () => undefined },
    ...Object.fromEntries(rest),
  };
  let handlers: LiveHandlers | undefined;
  vi.mocked(watch).mockImplementation((_, given) => {
    handlers = given;
    return () => undefined;
  });
  const feed = new Feed(stores as unknown as Fed);
  feed.start('');
  return { feed, fetched, missed: () => handlers?.missed() };
}

test('the list is fetched again before all else, which does not wait for it for long', async () => {
  const { fetched, missed } = open(() => new Promise(() => undefined));
  missed();
  await vi.advanceTimersByTimeAsync(200);
  expect(fetched).toEqual([]);
  await vi.advanceTimersByTimeAsync(200);
  expect(fetched).toEqual(REST);
});

test('of two that follow each other the later one fetches all, and none does once it is stopped', async () => {
  const { feed, fetched, missed } = open(() => Promise.resolve());
  missed();
  missed();
  await vi.advanceTimersByTimeAsync(400);
  expect(fetched).toEqual(REST);
  missed();
  feed.stop();
  await vi.advanceTimersByTimeAsync(400);
  expect(fetched).toEqual(REST);
});
