import { expect, test } from 'vitest';
import { idFilter } from './id_ranges';

test.each([
  [[7], 'id:7'],
  [[9, 4, 3, 5], 'id:3..5,9'],
  [[2, 4], 'id:2,4'],
])('%j is %s', (ids, filter) => expect(idFilter(ids)).toBe(filter));
