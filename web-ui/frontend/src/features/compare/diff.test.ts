import { describe, expect, it, test } from 'vitest';
import { difference, type Run } from './diff';

const list = (text: string) => [...text];
const shown = (runs: readonly Run[]) =>
  runs.map(({ edit, items }) => `${{ same: '=', removed: '-', added: '+' }[edit]}${items.join('')}`).join(' ');

test.each([
  ['', '', ''],
  ['abc', 'abc', '=abc'],
  ['', 'ab', '+ab'],
  ['ab', '', '-ab'],
  ['abcabba', 'cbabac', '-ab =c +b =ab -b =a +c'],
  ['axb', 'ayb', '=a -x +y =b'],
  ['abcd', 'acd', '=a -b =cd'],
])('%j to %j: %s', (a, b, expected) => expect(shown(difference(list(a), list(b)).runs)).toBe(expected));

describe('a difference', () => {
  // Of texts from a generator of its own, so that a failure can be had again.
  let seed = 1;
  const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  it('leads from one to the other, with no more edits than a table finds', () => {
    for (let round = 0; round < 300; round += 1) {
      const text = () => Array.from({ length: random(12) }, () => 'abc'[random(3)] ?? '');
      const [a, b] = [text(), text()];
      const { runs, exact } = difference(a, b);
      const of = (...edits: string[]) => runs.filter(({ edit }) => edits.includes(edit)).flatMap(({ items }) => items);
      expect(of('same', 'removed')).toEqual(a);
      expect(of('same', 'added')).toEqual(b);
      expect(exact).toBe(true);
      expect(of('same').length).toBe(longest(a, b));
      for (const { left, right, edit, items } of runs) {
        if (edit !== 'added') expect(a.slice(left, left + items.length)).toEqual(items);
        if (edit !== 'removed') expect(b.slice(right, right + items.length)).toEqual(items);
      }
    }
  });

  it('is not looked for where there are too many', () => {
    const { runs, exact } = difference(list('abcdef'), list('auvwxf'), 3);
    expect(exact).toBe(false);
    expect(shown(runs)).toBe('=a -bcde +uvwx =f');
  });
});

/** The length of the longest common subsequence. */
function longest(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const one of a) {
    const next = [0];
    b.forEach((other, at) => next.push(one === other ? row[at]! + 1 : Math.max(row[at + 1]!, next[at]!)));
    row = next;
  }
  return row[b.length]!;
}
