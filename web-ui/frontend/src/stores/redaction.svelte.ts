// Redaction: the sets, the rules that are added while dashcam runs, and values that are redacted later.
import { fetchRedaction, redactValue, setRedaction } from '../api/calls';
import { messageOf } from '../api/error';
import type { RedactionInForce, RedactionPart, RedactionRule } from '../api/types';
import type { Recording } from './recording.svelte';

/** A value that is to be redacted: its place, such as `request.header:authorization`, and how far that goes. */
export interface ValueRedacted {
  place: string;
  everywhere: boolean;
  dryRun: boolean;
}

/** What a redaction has done by now, or would do. */
export interface Sum {
  values: number;
  /** Exchanges in which values are replaced, and those that were looked at. */
  exchanges: number;
  looked: number;
  /** Those that were left out: under way, or too large. */
  leftOut: number;
}

const NOTHING: Sum = { values: 0, exchanges: 0, looked: 0, leftOut: 0 };

const plus = (sum: Sum, { findings, changed, exchanges, open, too_large, failed }: RedactionPart): Sum => ({
  values: sum.values + findings.reduce((all, { count }) => all + count, 0),
  exchanges: sum.exchanges + changed,
  looked: sum.looked + exchanges,
  leftOut: sum.leftOut + open + too_large.length + failed.length,
});

export class Redaction {
  /** Null until they have been fetched. */
  inForce = $state.raw<RedactionInForce | null>(null);
  error = $state<string | null>(null);
  /** A change is on its way. */
  saving = $state(false);
  /** As each status has it; null until then, and where the recording is only looked at. */
  status = $derived.by(() => this.#recording.status?.redaction ?? null);
  /** Nothing is redacted: secrets are recorded as they pass. */
  isOff = $derived.by(() => this.status !== null && this.status.set === null);
  /** The names of all sets. */
  names = $derived.by(() => ['default', ...(this.inForce?.sets.map(({ name }) => name) ?? [])]);
  readonly #recording: Recording;

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  async refetch(): Promise<void> {
    try {
      this.inForce = await fetchRedaction();
      this.error = null;
    } catch (error) {
      this.error = messageOf(error);
    }
  }

  /** Puts `rule` before those of every set. Throws if it is not taken. */
  async add(rule: RedactionRule, why: string): Promise<void> {
    await this.#change((added) => [...added, rule], why);
  }

  /** Takes a rule that was added away. Throws if it stays. */
  async remove(rule: RedactionRule, why: string): Promise<void> {
    const text = JSON.stringify(rule);
    await this.#change((added) => added.filter((other) => JSON.stringify(other) !== text), why);
  }

  /**
   * Redacts the value at `place` of an exchange, there or `everywhere` in what is stored; with `dryRun` it only counts.
   * `hear` is told how far it has come, and answers whether it goes on. Throws if it fails.
   */
  async redact(exchange: number, redacted: ValueRedacted, hear: (sum: Sum) => boolean): Promise<Sum> {
    const { place, everywhere, dryRun } = redacted;
    const scope = everywhere ? 'everywhere' : 'here';
    let sum = NOTHING;
    let after: number | null = null;
    do {
      const part: RedactionPart = await redactValue(exchange, { place, scope, after, dry_run: dryRun });
      sum = plus(sum, part);
      after = part.next_after;
    } while (hear(sum) && after !== null);
    return sum;
  }

  /** Others may have added rules meanwhile: those that are in force now are changed. */
  async #change(edit: (added: readonly RedactionRule[]) => RedactionRule[], why: string): Promise<void> {
    this.saving = true;
    try {
      const { added } = await fetchRedaction();
      await setRedaction(edit(added), why);
      await this.refetch();
      void this.#recording.refresh();
    } finally {
      this.saving = false;
    }
  }
}
