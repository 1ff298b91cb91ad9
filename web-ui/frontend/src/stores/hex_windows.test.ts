import { expect, test, vi } from 'vitest';
import { fetchHex } from '../api/body_calls';
import { HexWindows } from './hex_windows.svelte';

vi.mock('../api/body_calls', () => ({ fetchHex: vi.fn() }));
const fetched = vi.mocked(fetchHex);
const WINDOW = 256 * 1024;

test('bytes of two windows follow each other, and each window is fetched once', async () => {
  fetched.mockImplementation((_, __, { offset, limit }) => {
    const data = btoa(String.fromCharCode(offset / WINDOW).repeat(offset === 0 ? limit : 5));
    const shown = { kind: 'hex', offset, data, size: WINDOW + 5, more: offset === 0 } as const;
    const about = { name: 'hex', title: 'Hex', charset: '', encoding: null, size: 0, truncated: false, note: null };
    return Promise.resolve({ ...about, shown });
  });
  const windows = new HexWindows(7, 'response', { stored: false, size: WINDOW + 5 });
  expect(windows.get(WINDOW - 2, WINDOW + 2)).toEqual(new Uint8Array());
  await vi.waitFor(() => expect(windows.turn).toBe(1));
  expect(windows.get(WINDOW - 2, WINDOW + 2)).toEqual(Uint8Array.of(0, 0));
  await vi.waitFor(() => expect(windows.turn).toBe(2));
  expect(windows.get(WINDOW - 2, WINDOW + 2)).toEqual(Uint8Array.of(0, 0, 1, 1));
  expect(windows.get(WINDOW + 3, WINDOW + 32)).toEqual(Uint8Array.of(1, 1));
  expect(fetched).toHaveBeenCalledTimes(2);
});

const about = { name: 'hex', title: 'Hex', charset: '', encoding: 'gzip', size: 0, truncated: false, note: null };

test('the bytes of a coded body are counted, and what is out of sight is not waited for', async () => {
  fetched.mockReset();
  const signals: AbortSignal[] = [];
  fetched.mockImplementation((_, __, { offset, limit }, signal) => {
    if (limit === 0) {
      const shown = { kind: 'hex', offset, data: '', size: 9 * WINDOW, more: false } as const;
      return Promise.resolve({ ...about, shown });
    }
    signals.push(signal);
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('gone'))));
  });
  const windows = new HexWindows(7, 'response', { stored: false, size: null });
  expect([windows.size, windows.counted]).toEqual([0, false]);
  await windows.count();
  expect(signals.length).toBe(1);
  expect([windows.size, windows.counted]).toEqual([9 * WINDOW, true]);
  await windows.count();
  expect(fetched).toHaveBeenCalledTimes(2);
  windows.get(0, 16);
  windows.get(0, 32);
  windows.get(8 * WINDOW, 8 * WINDOW + 16);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  windows.end();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  await vi.waitFor(() => expect(windows.error).toBeNull());
});

test('bytes as they are stored are asked for so', async () => {
  fetched.mockReset();
  const shown = { kind: 'hex', offset: 0, data: btoa('\x1f\x8b'), size: 2, more: false } as const;
  fetched.mockResolvedValue({ ...about, shown });
  const windows = new HexWindows(7, 'response', { stored: true, size: 2 });
  windows.get(0, 2);
  await vi.waitFor(() => expect(windows.turn).toBe(1));
  expect(windows.get(0, 2)).toEqual(Uint8Array.of(0x1f, 0x8b));
  expect(fetched.mock.lastCall?.[2]).toEqual({ offset: 0, limit: WINDOW, stored: true });
});

test('a count that failed says so, and what is shown stays without an error', async () => {
  fetched.mockReset();
  const shown = { kind: 'hex', offset: 0, data: btoa('ab'), size: 2, more: false } as const;
  let fail: (error: Error) => void = () => undefined;
  fetched.mockImplementation((_, __, { limit }) =>
    limit === 0 ? new Promise((_resolve, reject) => (fail = reject)) : Promise.resolve({ ...about, shown }),
  );
  const windows = new HexWindows(7, 'response', { stored: false, size: null });
  const counted = windows.count();
  expect(windows.counting).toBe(true);
  await vi.waitFor(() => expect(windows.turn).toBe(1));
  fail(new Error('not there'));
  await counted;
  windows.get(WINDOW, WINDOW + 1);
  await vi.waitFor(() => expect(windows.turn).toBe(2));
  expect([windows.counting, windows.countError, windows.error]).toEqual([false, 'not there', null]);
});
