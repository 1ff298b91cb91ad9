import { expect, test } from 'vitest';
import { momentOf } from './moments';

const now = new Date(2026, 10, 30, 12, 34, 56);

test.each<[string, Date]>([
  ['12:34', new Date(2026, 10, 30, 12, 34, 59, 999)],
  ['12:34:05', new Date(2026, 10, 30, 12, 34, 5, 999)],
  [' 20:41 ', new Date(2026, 10, 29, 20, 41, 59, 999)],
  ['2026-11-28 20:41', new Date(2026, 10, 28, 20, 41, 59, 999)],
  ['2026-11-28T20:41:05', new Date(2026, 10, 28, 20, 41, 5, 999)],
  ['2026-11-28', new Date(2026, 10, 28, 23, 59, 59, 999)],
])('%s', (text, moment) => expect(momentOf(text, now)).toEqual(moment));

test.each(['', 'noon', '24:00', '12:60', '2026-02-30 10:00', '12', '12:3'])('%s is none', (text) =>
  expect(momentOf(text, now)).toBeNull(),
);
