// Two exchanges, value by value: what is only in one of them, and what is another one.
import type { Headers } from '../../api/types';
import * as texts from '../../texts/compare';
import { isVolatileField, isVolatileValue } from './volatile';

/** A value of one exchange beside that of the other. */
export interface Row {
  name: string;
  /** Null where there is none. */
  left: string | null;
  right: string | null;
  /** It is another one each time, so that the difference says little. */
  volatile: boolean;
}

export type Change = 'same' | 'changed' | 'removed' | 'added';

/** The fate of the left value. */
export function changeOf({ left, right }: Row): Change {
  if (left === null) return 'added';
  if (right === null) return 'removed';
  return left === right ? 'same' : 'changed';
}

/** "2 changed, 1 added", or "no difference"; what is volatile is counted apart. */
export function summaryOf(rows: readonly Row[]): string {
  const count = (change: Change) => rows.filter((row) => !row.volatile && changeOf(row) === change).length;
  const said = (['changed', 'removed', 'added'] as const)
    .map((change) => [count(change), change] as const)
    .filter(([number]) => number > 0)
    .map(([number, change]) => `${number} ${texts.summaries[change]}`);
  const volatile = rows.filter((row) => row.volatile && changeOf(row) !== 'same').length;
  if (volatile > 0) said.push(texts.thatVary(volatile));
  return said.length === 0 ? texts.noDifference : said.join(', ');
}

/** Values by their names, whatever their order; of those with the same name, equal ones stand beside each other. */
export function fieldRows(
  left: Headers,
  right: Headers,
  isVolatile: (name: string, left: string, right: string) => boolean = isVolatileField,
  key = (name: string) => name.toLowerCase(),
): Row[] {
  const rows: Row[] = [];
  const names = [...left, ...right].map(([name = '']) => name);
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(key(name))) continue;
    seen.add(key(name));
    const of = (headers: Headers) =>
      headers.filter(([other = '']) => key(other) === key(name)).map(([, value = '']) => value);
    rows.push(...pairs(of(left), of(right)).map(([one, other]) => rowOf(name, one, other, isVolatile)));
  }
  return rows;
}

function rowOf(
  name: string,
  left: string | null,
  right: string | null,
  isVolatile: (name: string, left: string, right: string) => boolean,
): Row {
  return { name, left, right, volatile: isVolatile(name, left ?? '', right ?? '') };
}

/** Equal values together, then the others in their order. */
function pairs(left: readonly string[], right: readonly string[]): [string | null, string | null][] {
  const rest = [...right];
  const found = left.map((value): [string, string | null] => {
    const at = rest.indexOf(value);
    return [value, at < 0 ? null : (rest.splice(at, 1)[0] ?? null)];
  });
  const paired = found.map(([value, other]): [string | null, string | null] => [value, other ?? rest.shift() ?? null]);
  return [...paired, ...rest.map((value): [null, string] => [null, value])];
}

/** The parts of a URL, its query value by value. */
export function urlRows(left: string, right: string): Row[] {
  const [one, other] = [partsOf(left), partsOf(right)];
  const rows: Row[] = [
    { name: texts.originRow, left: one.origin, right: other.origin, volatile: false },
    { name: texts.pathRow, left: one.path, right: other.path, volatile: false },
  ];
  return [...rows, ...fieldRows(one.query, other.query, isVolatileValue, (name) => name)];
}

function partsOf(url: string): { origin: string; path: string; query: [string, string][] } {
  const [address = '', ...query] = url.split('?');
  const found = /^([a-z]+:\/\/[^/]*)(.*)$/i.exec(address);
  const values = query
    .join('?')
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair): [string, string] => {
      const at = pair.indexOf('=');
      return at < 0 ? [`?${pair}`, ''] : [`?${pair.slice(0, at)}`, pair.slice(at + 1)];
    });
  return { origin: found?.[1] ?? '', path: found?.[2] ?? address, query: values };
}
