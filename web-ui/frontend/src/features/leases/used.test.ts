import { expect, test } from 'vitest';
import type { Lease } from '../../api/types';
import { usesOf } from './used';

const texts = (more: Partial<Lease>) =>
  usesOf({ used_bytes: 2048, used_exchanges: 1, max_bytes: null, max_exchanges: null, ...more } as Lease);

test('without limits it says what is used', () => {
  expect(texts({})).toEqual([
    { id: 'exchanges', text: '1 exchange', share: null },
    { id: 'bytes', text: '2.0 KiB', share: null },
  ]);
});

test('with limits it says of how much, and the share is never beyond the whole', () => {
  expect(texts({ max_bytes: 1024, max_exchanges: 4 })).toEqual([
    { id: 'exchanges', text: '1 of 4 exchanges', share: 0.25 },
    { id: 'bytes', text: '2.0 KiB of 1.0 KiB', share: 1 },
  ]);
});
