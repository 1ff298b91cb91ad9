import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { deleteExchanges, fetchExchanges, fetchSnippet, noteExchange, replayExchange } from '../api/calls';
import { ApiError } from '../api/error';
import { Batch, UNDO_MS } from './batch.svelte';
import type { Detail } from './detail.svelte';
import { Exchanges } from './exchanges.svelte';
import { Notices } from './notices.svelte';
import { row } from './sample';

vi.mock('../api/calls');

function begin() {
  const exchanges = new Exchanges();
  const notices = new Notices();
  const detail = { pinned: vi.fn(), noted: vi.fn() };
  const deleted = vi.fn();
  const batch = new Batch(exchanges, detail as unknown as Detail, notices, deleted);
  const said = () => notices.list.map(({ kind, text }) => `${kind}: ${text}`);
  return { exchanges, detail, batch, deleted, said };
}

const gone = new ApiError(404, 'not_found', 'There is no exchange 2.');

beforeEach(() => {
  vi.useFakeTimers();
  vi.mocked(fetchExchanges).mockReturnValue(new Promise(() => undefined));
});

afterEach(() => {
  vi.useRealTimers();
  vi.resetAllMocks();
});

test('the open exchange learns of what is done with several', async () => {
  const { batch, detail, said } = begin();
  const note = { comment: '', tags: ['a'] };
  vi.mocked(noteExchange).mockResolvedValue(note);
  expect(await batch.pin([2, 1], true)).toBe(true);
  expect(await batch.tag([1], ['a'])).toBe(true);
  expect(detail.pinned.mock.calls).toEqual([
    [2, true],
    [1, true],
  ]);
  expect(detail.noted.mock.calls).toEqual([[1, note]]);
  expect(said()).toEqual(['info: 2 exchanges pinned.', 'info: 1 exchange tagged.']);
});

test('one that fails does not keep the others from being done', async () => {
  const { batch, said } = begin();
  vi.mocked(noteExchange).mockImplementation((id) =>
    id === 2 ? Promise.reject(gone) : Promise.resolve({ comment: 'x', tags: [] }),
  );
  expect(await batch.comment([3, 2, 1], 'x')).toBe(false);
  expect(said()).toEqual(['error: 2 of 3 exchanges commented on; 1 failed: There is no exchange 2.']);
});

test('what was refused has no request to send or to copy', async () => {
  const { batch, exchanges, said } = begin();
  exchanges.known.put(row(2, { state: 'refused' }));
  vi.mocked(replayExchange).mockResolvedValue({ id: 9 });
  vi.mocked(fetchSnippet).mockImplementation((id) => Promise.resolve(`curl ${id}\n`));
  await batch.replay([3, 2, 1]);
  expect(vi.mocked(replayExchange).mock.calls).toEqual([[1], [3]]);
  expect(said()).toEqual(['info: 2 of 3 exchanges sent again; 1 refused one left out.']);
  expect(await batch.curls([3, 2, 1])).toEqual(['curl 1', 'curl 3']);
});

test('a deletion waits to be undone, and nothing is waited for when the page is left', async () => {
  const { batch, deleted } = begin();
  vi.stubGlobal('addEventListener', vi.fn());
  batch.start();
  const leave = vi.mocked(addEventListener).mock.calls[0]?.[1] as () => void;
  vi.unstubAllGlobals();
  batch.remove([1]);
  batch.undo();
  await vi.advanceTimersByTimeAsync(UNDO_MS);
  expect(deleteExchanges).not.toHaveBeenCalled();
  batch.remove([1]);
  await vi.advanceTimersByTimeAsync(UNDO_MS);
  expect(deleteExchanges).toHaveBeenCalledExactlyOnceWith([1], false);
  expect(deleted).toHaveBeenCalledOnce();
  vi.mocked(deleteExchanges)
    .mockReset()
    .mockReturnValue(new Promise(() => undefined));
  batch.remove(Array.from({ length: 2500 }, (_, at) => at));
  leave();
  expect(vi.mocked(deleteExchanges).mock.calls.map(([ids, leaving]) => [ids.length, leaving])).toEqual([
    [1000, true],
    [1000, true],
    [500, true],
  ]);
});
