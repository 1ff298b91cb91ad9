// Changes of a list of rules.
import type { Rule } from '../../api/types';
import type { Edit } from '../../stores/rules.svelte';
import { reordered } from '../../ui/reorder';

/** Puts `rule` in the place of the one named `name`, or behind all others if there is none. */
export function putting(rule: Rule, name: string | null): Edit {
  return (rules) =>
    rules.some((other) => other.name === name)
      ? rules.map((other) => (other.name === name ? rule : other))
      : [...rules, rule];
}

/** Leaves out the rule named `name`. */
export const removing =
  (name: string): Edit =>
  (rules) =>
    rules.filter((rule) => rule.name !== name);

/** Puts the rule at `from` at `to`. */
export const moving =
  (from: number, to: number): Edit =>
  (rules) =>
    reordered(rules, from, to);
