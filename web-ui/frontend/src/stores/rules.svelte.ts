// The rules: which of them are in force, and changes of them.
import { fetchRules, replaceRules } from '../api/calls';
import { ApiError, messageOf } from '../api/error';
import type { Rule, RuleCounts } from '../api/types';
import * as texts from '../texts/notices';

/** Makes another list of the rules that are in force. */
export type Edit = (rules: readonly Rule[]) => readonly Rule[];

export class Rules {
  list = $state.raw<readonly Rule[]>([]);
  /** How many exchanges each rule has met. */
  counts = $state.raw<readonly RuleCounts[]>([]);
  loaded = $state(false);
  error = $state<string | null>(null);
  /** A change is on its way. */
  saving = $state(false);
  /** The latest change that was made here, and the rules before it. */
  last = $state.raw<{ why: string; before: readonly Rule[] } | null>(null);
  /** The settings' epoch that the list is of. */
  #epoch: number | undefined;

  /** Fetches them; while a change is on its way, its answer has them. */
  async refetch(): Promise<void> {
    if (this.saving) return;
    try {
      const { rules, epoch, counts } = await fetchRules();
      if (this.saving) return;
      this.#epoch = epoch;
      this.counts = counts;
      // The same ones again are no news: one of them may be on its way to another place.
      if (JSON.stringify(rules) !== JSON.stringify(this.list)) [this.list, this.last] = [rules, null];
      this.error = null;
      this.loaded = true;
    } catch (error) {
      this.error = messageOf(error);
    }
  }

  /** How many exchanges the rule `name` has met. */
  countsOf(name: string): RuleCounts | undefined {
    return this.counts.find((one) => one.name === name);
  }

  has(name: string): boolean {
    return this.list.some((rule) => rule.name === name);
  }

  /** Puts in force what `edit` makes of the list; `why` is for the history. Throws if it is not taken. */
  async change(edit: Edit, why: string): Promise<void> {
    const before = this.list;
    const rules = edit(before);
    this.saving = true;
    // Shown at once: what was dragged stays where it was let go.
    this.list = rules;
    try {
      const answer = await replaceRules({ rules: [...rules], why, epoch: this.#epoch ?? null });
      [this.list, this.#epoch] = [answer.rules, answer.epoch];
      this.last = { why, before };
    } catch (error) {
      this.list = before;
      throw await this.#refused(error);
    } finally {
      this.saving = false;
    }
  }

  /** Puts the rules in force that were there before the latest change. Throws if they are not taken. */
  async undo(): Promise<void> {
    const { last } = this;
    if (last === null) return;
    await this.change(() => last.before, texts.undone(last.why));
    this.last = null;
  }

  async #refused(error: unknown): Promise<unknown> {
    if (!(error instanceof ApiError) || error.status !== 409) return error;
    this.saving = false;
    await this.refetch();
    return new ApiError(error.status, error.code, texts.rulesChangedElsewhere);
  }
}
