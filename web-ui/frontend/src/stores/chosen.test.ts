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
