// The conditions of a filter that all have to hold, one by one: each can be taken out, or turned into its opposite.
import type { FilterTerm } from '../../api/types';
import { offset } from './typed';

/** A condition as it is written. */
export const written = (filter: string, { from, to }: FilterTerm) =>
  filter.slice(offset(filter, from), offset(filter, to));

/** `filter` without its condition number `index`. */
export const without = (filter: string, terms: readonly FilterTerm[], index: number) =>
  joined(filter, terms, (at, text) => (at === index ? '' : text));

/** `filter` with the opposite of its condition number `index`. */
export const turned = (filter: string, terms: readonly FilterTerm[], index: number) =>
  joined(filter, terms, (at, text) => (at === index ? (terms[at]?.opposite ?? text) : text));

/** Conditions side by side: that binds most loosely, so that each stays what it is. */
function joined(filter: string, terms: readonly FilterTerm[], change: (at: number, text: string) => string): string {
  const texts = terms.map((term, at) => change(at, written(filter, term)));
  return texts.filter((text) => text !== '').join(' ');
}
