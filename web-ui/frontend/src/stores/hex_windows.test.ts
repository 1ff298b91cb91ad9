import { expect, test, vi } from 'vitest';
import { fetchHex } from '../api/body_calls';
import { HexWindows } from './hex_windows.svelte';

vi.mock('../api/body_calls', () => ({ fetchHex: vi.fn() }));
const fetched = vi.mocked(fetchHex);
const WINDOW = 256 * 1024;

test('bytes of two windows follow each other, and each window is fetched once', async () => {
  fetched.mockImplementation((_, __, offset, limit) => {
    const data = btoa(String.fromCharCode(offset / WINDOW).repeat(offset === 0 ? limit : 5));
    const shown = { kind: 'hex', offset, data, size: WINDOW + 5, more: offset === 0 } as const;
    const about = { name: 'hex', title: 'Hex', charset: '', encoding: null, size: 0, truncated: false, note: null };
    return Promise.resolve({ ...about, shown });
  });
  const windows = new HexWindows(7, 'response');
  expect(windows.get(WINDOW - 2, WINDOW + 2)).toEqual(new Uint8Array());
  await vi.waitFor(() => expect(windows.turn).toBe(1));
  expect(windows.get(WINDOW - 2, WINDOW + 2)).toEqual(Uint8Array.of(0, 0));
  await vi.waitFor(() => expect(windows.turn).toBe(2));
  expect(windows.get(WINDOW - 2, WINDOW + 2)).toEqual(Uint8Array.of(0, 0, 1, 1));
  expect(windows.get(WINDOW + 3, WINDOW + 32)).toEqual(Uint8Array.of(1, 1));
  expect(fetched).toHaveBeenCalledTimes(2);
});
