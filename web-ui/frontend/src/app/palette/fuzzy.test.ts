import { expect, test } from 'vitest';
import { score } from './fuzzy';

const titles = [
  'Go to the filter',
  'Copy as fetch (JavaScript)',
  'Copy as Python requests',
  'Rules',
  'Newest exchange',
];
const best = (typed: string) =>
  titles
    .map((title) => ({ title, score: score(typed, title) }))
    .filter((one) => one.score !== null)
    .sort((a, b) => (b.score ?? 0) - (a.score ?? 0))[0]?.title;

test.each([
  ['rules', 'Rules'],
  ['fetch', 'Copy as fetch (JavaScript)'],
  ['capr', 'Copy as Python requests'],
  ['copy py', 'Copy as Python requests'],
  ['gf', 'Go to the filter'],
  ['new', 'Newest exchange'],
  ['xyz', undefined],
])('%j finds %j', (typed, expected) => expect(best(typed)).toBe(expected));

test('everything fits to nothing', () => expect(score(' ', 'a')).toBe(0));
