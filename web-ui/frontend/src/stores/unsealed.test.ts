import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fetchText, unsealText } from '../api/calls';
import type { Text } from '../api/types';
import { SHOWN_MS, UnsealedValues } from './unsealed.svelte';

vi.mock('../api/calls');

const ID = '0123456789abcdef01234567';
const SEALED = `~sealed.password.${ID}~`;
const source = { exchange: 7, part: 'request' } as const;
const text = (of: string): Text => ({ text: of }) as Text;
const page = { hidden: false };

beforeEach(() => {
  vi.useFakeTimers();
  page.hidden = false;
  vi.stubGlobal('document', page);
  vi.mocked(fetchText).mockResolvedValue(text(`password=${SEALED}`));
  vi.mocked(unsealText).mockResolvedValue(text('password=hunter2'));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a value is in clear for ten seconds', async () => {
  const values = new UnsealedValues();
  await values.show(source, ID, SEALED);
  expect(values.shown).toEqual({ [ID]: 'hunter2' });
  await vi.advanceTimersByTimeAsync(SHOWN_MS - 1);
  expect(values.shown).toEqual({ [ID]: 'hunter2' });
  await vi.advanceTimersByTimeAsync(1);
  expect(values.shown).toEqual({});
});

test('what comes after everything was hidden, or while nobody can see it, is not shown', async () => {
  const values = new UnsealedValues();
  const coming = values.show(source, ID, SEALED);
  values.hide();
  await coming;
  expect(values.shown).toEqual({});
  page.hidden = true;
  await values.show(source, ID, SEALED);
  expect(values.shown).toEqual({});
});

test('a seal that has expired is said to be gone', async () => {
  vi.mocked(unsealText).mockResolvedValue(text(`password=${SEALED}`));
  const values = new UnsealedValues();
  await expect(values.show(source, ID, SEALED)).rejects.toThrow('expired');
  expect(values.gone[ID]).toContain('expired');
  expect(values.shown).toEqual({});
});
