import { expect, test, vi } from 'vitest';
import { deleteAllExchanges, fetchExchanges } from '../api/calls';
import { Exchanges } from './exchanges.svelte';

vi.mock('../api/calls');

test('what is not in the list any more is not chosen', async () => {
  const nothing = { exchanges: [], next_before: null, next_after: null, ends: null, search: null, sorted: null };
  vi.mocked(fetchExchanges).mockResolvedValue(nothing);
  vi.mocked(deleteAllExchanges).mockResolvedValue({ deleted: 1, next_after: null });
  const exchanges = new Exchanges();
  const { chosen } = exchanges;
  const ids = () => [...chosen.ids];
  chosen.choose([1, 2, 3, 4, 5]);
  exchanges.remove(1);
  exchanges.left(2);
  exchanges.omit([3, 9]);
  expect(ids()).toEqual([4, 5]);
  exchanges.sort({ by: 'duration', order: 'asc' });
  expect(ids()).toEqual([4, 5]);
  exchanges.show('host:a');
  expect(ids()).toEqual([]);
  chosen.choose([4]);
  await exchanges.clear(false);
  expect(ids()).toEqual([]);
});

test('a row that is not chosen itself has all of them chosen, and none', () => {
  const { chosen } = new Exchanges();
  const event = (init: object) => ({ shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...init });
  const act = (init: object) => chosen.act(-8, event(init) as KeyboardEvent, null, [3, 2, 1]);
  expect([act({ key: 'a', ctrlKey: true }), chosen.size]).toEqual([true, 3]);
  expect([act({ key: 'x' }), act({ shiftKey: true }), act({ ctrlKey: true }), chosen.size]).toEqual([
    false,
    false,
    false,
    3,
  ]);
  expect([act({}), chosen.size]).toEqual([false, 0]);
  act({ key: 'a', ctrlKey: true });
  expect([act({ key: 'Escape' }), chosen.size]).toEqual([true, 0]);
  expect(act({ key: 'Escape' })).toBe(false);
});
