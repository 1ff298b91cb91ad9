import { flushSync } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as calls from '../../api/calls';
import { FilterHistory } from '../../stores/filter_history.svelte';
import { Presets } from '../../stores/presets.svelte';
import { FilterEntry } from './entry.svelte';

vi.mock('../../api/calls');
beforeEach(() => {
  vi.useFakeTimers();
  vi.mocked(calls.fetchPresets).mockResolvedValue({ presets: [{ name: 'slow', filter: 'dur:>1s', at: '' }] });
});
afterEach(() => {
  vi.resetAllMocks();
  vi.useRealTimers();
});

/** A field that nobody sees, over a page that notes what is asked of it. */
function begin(...recent: string[]) {
  const kept = new Map<string, string>();
  const history = new FilterHistory({
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  });
  for (const text of recent.toReversed()) history.add(text);
  const asked: string[] = [];
  const note = (what: string) => (text: string) => {
    page.filter = text;
    asked.push(`${what} ${text}`.trim());
  };
  const page = {
    filter: '',
    presets: new Presets(),
    history,
    setFilter: note('set'),
    holdFilter: note('hold'),
    commitFilter: note('commit'),
  };
  const cursor = { value: '', selectionStart: 0 };
  const entry = new FilterEntry(page, (text, at) => Object.assign(cursor, { value: text, selectionStart: at }));
  const type = (text: string) => {
    Object.assign(cursor, { value: text, selectionStart: text.length });
    entry.typed(cursor);
  };
  const press = (key: string, more: Partial<KeyboardEvent> = {}) =>
    entry.key({ key, ...more } as KeyboardEvent, cursor);
  const offer = async (from: number, to: number, ...texts: string[]) => {
    const offers = texts.map((text) => ({ text, meaning: text.endsWith(':') ? 'a field' : '' }));
    vi.mocked(calls.completeFilter).mockResolvedValueOnce({ from, to, offers });
    await vi.advanceTimersByTimeAsync(100);
    flushSync();
  };
  return { page, asked, cursor, entry, type, press, offer };
}

const shown = (entry: FilterEntry) => entry.choices.map(({ text }) => text);

test('Enter takes nothing that was not chosen', async () => {
  const { asked, entry, type, press, offer } = begin();
  type('ho');
  await offer(0, 2, 'host:');
  expect([shown(entry), entry.active]).toEqual([['host:'], -1]);
  expect(press('Enter')).toBe(true);
  expect([asked.at(-1), shown(entry)]).toEqual(['commit ho', []]);
});

test('what is chosen is taken, and its values are offered next', async () => {
  const { asked, cursor, entry, type, press, offer } = begin();
  type('ho');
  await offer(0, 2, 'host:', 'hostile:');
  press('ArrowDown');
  press('ArrowUp');
  expect(entry.active).toBe(-1);
  press('ArrowDown');
  press('Enter');
  expect([cursor, asked.at(-1)]).toEqual([{ value: 'host:', selectionStart: 5 }, 'hold host:']);
  await offer(5, 5, 'a.test', 'b.test');
  press('ArrowDown');
  press('ArrowDown');
  press('Tab');
  expect([cursor.value, asked.at(-1), shown(entry)]).toEqual(['host:b.test', 'set host:b.test', []]);
});

test('Tab completes what was begun, and leads out of the field where nothing was', async () => {
  const { cursor, type, press, offer } = begin();
  expect(press('Tab')).toBe(false);
  type('host:');
  await offer(5, 5, 'a.test');
  expect(press('Tab')).toBe(false);
  type('host:a');
  await offer(5, 6, 'a.test');
  expect(press('Tab', { shiftKey: true })).toBe(false);
  expect([press('Tab'), cursor.value]).toEqual([true, 'host:a.test']);
});

test('what is chosen stays chosen while others go', async () => {
  const { entry, type, press, offer } = begin();
  type('s');
  await offer(0, 1, 'scheme:', 'size:', 'status:');
  for (let n = 0; n < 3; n++) press('ArrowDown');
  expect(entry.choices[entry.active]?.text).toBe('status:');
  entry.completion.offers = entry.completion.offers.slice(1);
  expect(entry.choices[entry.active]?.text).toBe('status:');
});

test('the empty field offers recent filters and presets', async () => {
  const { page, asked, cursor, entry, press } = begin('a', 'b');
  await page.presets.refetch();
  entry.entered(cursor);
  expect(entry.groups.map(({ title }) => title)).toEqual(['Recent', 'Presets']);
  for (let n = 0; n < 3; n++) press('ArrowDown');
  press('Enter');
  expect([asked.at(-1), cursor.value]).toEqual(['commit preset:slow', 'preset:slow']);
});

test('Shift+Delete forgets a recent one, and no preset', async () => {
  const { page, cursor, entry, press } = begin('a', 'b');
  await page.presets.refetch();
  entry.entered(cursor);
  press('ArrowDown');
  expect(press('Delete', { shiftKey: true })).toBe(true);
  expect([page.history.list, entry.choices[entry.active]?.text]).toEqual([['b'], 'b']);
  press('ArrowDown');
  expect(press('Delete', { shiftKey: true })).toBe(false);
});

test('the arrows go through the history as in shells', () => {
  const { cursor, type, press } = begin('a', 'b', 'c');
  type('draft');
  const values = ['ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowDown', 'ArrowDown', 'ArrowDown'].map((key) => {
    press(key);
    return cursor.value;
  });
  expect(values).toEqual(['a', 'b', 'c', 'c', 'b', 'a', 'draft']);
});

test('Escape closes first; keys of composing and of other shortcuts are left alone', async () => {
  const { entry, type, press, offer } = begin();
  type('ho');
  await offer(0, 2, 'host:');
  expect(press('Enter', { isComposing: true })).toBe(false);
  expect(press('ArrowUp', { altKey: true })).toBe(false);
  expect([press('Escape'), shown(entry), press('Escape')]).toEqual([true, [], false]);
});

test('an error is shown unless it is in what is being chosen', async () => {
  const { entry, type, offer } = begin();
  type('staus:1 host:');
  await offer(13, 13, 'a.test');
  expect([entry.covers(1, 'staus:1 host:'), entry.covers(9, 'staus:1 host:')]).toEqual([false, true]);
  entry.close();
  expect(entry.covers(9, 'staus:1 host:')).toBe(false);
});
