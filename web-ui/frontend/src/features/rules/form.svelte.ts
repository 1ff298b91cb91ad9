// The form of a rule.
import { filterFaultOf, messageOf } from '../../api/error';
import type { Level, Rule } from '../../api/types';
import { parseSize } from '../../format/size';
import type { Rules } from '../../stores/rules.svelte';
import * as texts from '../../texts/rules';
import type { WrittenFilter } from '../filter';
import { putting } from './edits';

/** A rule as it is written: all of it is text. */
export interface Draft {
  name: string;
  level: Level;
  sample: string;
  bodyLimit: string;
  guarantee: string;
  keepFor: string;
  follow: string;
  redaction: string;
}

export type Problems = Partial<Record<keyof Draft, string>>;

const NAME = /^[a-z0-9._-]{1,64}$/;
const SAMPLE = /^(\d+(\.\d+)?%( by (client|trace|(header|cookie) \S+))?|\d+\/s|\d+(\.\d+)?\s?([kmgt]?i?)b\/s)$/i;
const GUARANTEE = /^(best_effort|lossless|bounded \d+(\.\d+)?\s?(us|µs|ms|s))$/;
const SPAN = /^(\d+\s?[a-z]+\s*)+$/;
const SET = /^[a-z][a-z0-9-]{0,39}$/;
const FOLLOW = /^(client|trace) (\d+\s?[a-z]+\s*)+$/;

/** The draft of `rule`. */
export function draftOf(rule: Rule | null): Draft {
  return {
    name: rule?.name ?? '',
    level: rule?.level ?? 'full',
    sample: rule?.sample ?? '',
    bodyLimit: rule?.body_limit == null ? '' : String(rule.body_limit),
    guarantee: rule?.guarantee ?? 'best_effort',
    keepFor: rule?.keep_for ?? '',
    follow: rule?.follow ?? '',
    redaction: rule?.redaction ?? '',
  };
}

/** Everything that is wrong with a draft, by its fields; `taken` tells if another rule has a name. */
export function check(draft: Draft, taken: (name: string) => boolean): Problems {
  const problems: Problems = {};
  const needs = (field: keyof Draft, right: boolean, message: string) => {
    if (draft[field].trim() !== '' && !right) problems[field] = message;
  };
  const name = draft.name.trim();
  needs('name', NAME.test(name), texts.nameOf);
  needs('name', name !== 'default', texts.nameOfLast);
  needs('name', !taken(name), texts.nameIsTaken);
  needs('sample', SAMPLE.test(draft.sample.trim()), texts.sampleSuchAs);
  needs('bodyLimit', parseSize(draft.bodyLimit) !== null, texts.bodyLimitSuchAs);
  needs('guarantee', GUARANTEE.test(draft.guarantee.trim()), texts.guaranteeSuchAs);
  needs('keepFor', SPAN.test(draft.keepFor.trim()), texts.keepForSuchAs);
  needs('redaction', SET.test(draft.redaction.trim()), texts.setName);
  needs('redaction', draft.redaction.trim() !== 'off', texts.cannotTurnOff);
  needs('follow', FOLLOW.test(draft.follow.trim()), texts.followSuchAs);
  return problems;
}

/** The rule that a draft without problems stands for. */
export function ruleOf(draft: Draft, match: string): Rule {
  const text = (value: string) => (value.trim() === '' ? null : value.trim());
  const set = text(draft.redaction);
  return {
    name: draft.name.trim(),
    match,
    level: draft.level,
    sample: text(draft.sample),
    body_limit: parseSize(draft.bodyLimit),
    guarantee: text(draft.guarantee) ?? 'best_effort',
    keep_for: text(draft.keepFor),
    follow: text(draft.follow),
    ...(set === null ? {} : { redaction: set }),
  };
}

export class RuleForm {
  draft: Draft = $state(draftOf(null));
  why = $state('');
  sending = $state(false);
  error = $state<string | null>(null);
  readonly match: WrittenFilter;
  readonly #rules: Rules;
  /** The name of the rule that is changed; null for a new one. */
  readonly #name: string | null;
  problems = $derived.by(() => check(this.draft, (name) => name !== this.#name && this.#rules.has(name)));
  valid = $derived.by(() => Object.keys(this.problems).length === 0 && this.draft.name.trim() !== '');

  constructor(rules: Rules, match: WrittenFilter, rule: Rule | null) {
    this.#rules = rules;
    this.match = match;
    this.#name = rule?.name ?? null;
    this.draft = draftOf(rule);
  }

  /** Puts the rule in force; answers whether that was done. */
  async send(): Promise<boolean> {
    if (!this.valid || this.sending) return false;
    this.sending = true;
    this.error = null;
    const rule = ruleOf(this.draft, this.match.text);
    const what = this.#name === null ? texts.addedRule(rule.name) : texts.changedRule(this.#name);
    try {
      await this.#rules.change(putting(rule, this.#name), this.why.trim() === '' ? what : this.why.trim());
      return true;
    } catch (error) {
      this.match.fault = filterFaultOf(error) ?? this.match.fault;
      this.error = messageOf(error);
      return false;
    } finally {
      this.sending = false;
    }
  }
}
