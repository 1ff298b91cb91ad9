import { afterEach, expect, test, vi } from 'vitest';
import * as calls from '../api/calls';
import { ApiError } from '../api/error';
import { Presets, renamed } from './presets.svelte';

vi.mock('../api/calls');
afterEach(() => vi.resetAllMocks());

/** A store over presets that `kept` has, as dashcam keeps them. */
async function over(kept: Record<string, string>) {
  const at = '2026-11-29T10:00:00.000000Z';
  vi.mocked(calls.fetchPresets).mockImplementation(() =>
    Promise.resolve({ presets: Object.entries(kept).map(([name, filter]) => ({ name, filter, at })) }),
  );
  vi.mocked(calls.keepPreset).mockImplementation((name, filter) => {
    kept[name] = filter;
    return Promise.resolve();
  });
  vi.mocked(calls.removePreset).mockImplementation((name) => {
    Reflect.deleteProperty(kept, name);
    return Promise.resolve();
  });
  const presets = new Presets();
  await presets.refetch();
  return presets;
}

test('what is kept is listed, and what is removed is not', async () => {
  const presets = await over({ slow: 'dur:>1s' });
  await presets.keep('errors', 'status:5xx');
  expect(presets.list.map(({ name }) => name)).toEqual(['slow', 'errors']);
  await presets.remove('slow');
  expect([presets.has('slow'), presets.has('errors')]).toEqual([false, true]);
});

test('a name that dashcam would not take is refused, and nothing is asked', async () => {
  const presets = await over({});
  for (const name of ['', 'a b', '..', 'ä', 'x'.repeat(65)]) {
    await expect(presets.keep(name, 'a')).rejects.toThrow('choose another one');
  }
  expect(calls.keepPreset).not.toHaveBeenCalled();
});

test('those that name a preset name it by its new name', async () => {
  const kept: Record<string, string> = { a: 'status:5xx', b: 'preset:a host:x', c: 'preset:ab' };
  const presets = await over(kept);
  expect(presets.using('a').map(({ name }) => name)).toEqual(['b']);
  await presets.rename('a', 'z');
  expect(kept).toEqual({ b: 'preset:z host:x', c: 'preset:ab', z: 'status:5xx' });
  expect(presets.list.map(({ name }) => name)).toEqual(['b', 'c', 'z']);
  await expect(presets.rename('b', 'c')).rejects.toThrow('already');
});

test('a rename that fails midway leaves the old one, and shows how it stands', async () => {
  const kept: Record<string, string> = { a: 'x' };
  const presets = await over(kept);
  vi.mocked(calls.removePreset).mockRejectedValue(new ApiError(503, 'unavailable', 'The disk hangs.'));
  await expect(presets.rename('a', 'b')).rejects.toThrow('The disk hangs.');
  expect(presets.list.map(({ name }) => name)).toEqual(['a', 'b']);
});

test.each([
  ['preset:a', 'preset:z'],
  ['-preset:a|preset:ab', '-preset:z|preset:ab'],
  ['(PRESET:a) x', '(PRESET:z) x'],
  ['preset:"a" preset:\'a\' preset:=a', 'preset:z preset:z preset:=z'],
  ['preset:a-b a', 'preset:a-b a'],
])('%s becomes %s', (filter, expected) => expect(renamed(filter, 'a', 'z')).toBe(expected));
