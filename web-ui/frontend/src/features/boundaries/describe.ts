// A change of what is recorded, in words.
import type { RedactionRule, Rule, Settings, SettingsChange } from '../../api/types';
import { redactedPlace } from '../redaction';
import { size } from '../../format/size';
import * as texts from '../../texts/boundaries';

/** Everything that a change changed, each in a short sentence; nothing if it left all as it was. */
export function describe({ from, to }: Pick<SettingsChange, 'from' | 'to'>): string[] {
  if (from === null)
    return [texts.level(to.level), texts.bodiesAtMost(size(to.body_limit)), ...rulesChanged([], to.rules)];
  const changes = [...rulesChanged(from.rules, to.rules), ...redactionChanged(from.redaction, to.redaction)];
  if (from.body_limit !== to.body_limit)
    changes.unshift(texts.bodiesChanged(size(from.body_limit), size(to.body_limit)));
  if (from.level !== to.level) changes.unshift(texts.levelChanged(from.level, to.level));
  return changes;
}

/** The changes from one list of rules to another. */
export function rulesChanged(from: Settings['rules'], to: Settings['rules']): string[] {
  const [before, after] = [byName(from), byName(to)];
  const added = to.filter(({ name }) => !before.has(name)).map((rule) => texts.ruleAdded(inWords(rule)));
  const removed = from.filter(({ name }) => !after.has(name)).map((rule) => texts.ruleDeleted(inWords(rule)));
  const changed = to.flatMap((rule) => {
    const old = before.get(rule.name);
    return old === undefined || same(old, rule) ? [] : [texts.ruleChanged(inWords(old), inWords(rule))];
  });
  const order = (rules: readonly Rule[], others: Map<string, Rule>) =>
    rules.map(({ name }) => name).filter((name) => others.has(name));
  const [was, is] = [order(from, after), order(to, before)];
  const moved = was.join(' ') === is.join(' ') ? [] : [texts.rulesReordered(is.join(', '))];
  return [...added, ...removed, ...changed, ...moved];
}

/** The changes from one list of added rules of redaction to another. */
function redactionChanged(from: readonly RedactionRule[], to: readonly RedactionRule[]): string[] {
  const [before, after] = [from, to].map((rules) => rules.map((rule) => JSON.stringify(rule)));
  const added = to.filter((rule) => before?.includes(JSON.stringify(rule)) !== true);
  const removed = from.filter((rule) => after?.includes(JSON.stringify(rule)) !== true);
  return [
    ...added.map((rule) => texts.redactionAdded(redactedPlace(rule))),
    ...removed.map((rule) => texts.redactionRemoved(redactedPlace(rule))),
  ];
}

const byName = (rules: readonly Rule[]) => new Map(rules.map((rule) => [rule.name, rule]));

/** "errors (status:5xx: full, 1%)". */
function inWords({ name, match, level, sample, keep_for, guarantee, follow, body_limit, redaction }: Rule): string {
  const traits = [
    sample,
    body_limit == null ? null : texts.bodiesAtMost(size(body_limit)),
    guarantee === 'best_effort' ? null : guarantee,
    keep_for == null ? null : texts.keptFor(keep_for),
    follow == null ? null : texts.followed(follow),
    redaction == null ? null : texts.redactedBy(redaction),
  ].filter((trait) => trait != null);
  return `${name} (${!match ? texts.everything : match}: ${[level, ...traits].join(', ')})`;
}

const same = (one: Rule, other: Rule) => inWords(one) === inWords(other);
