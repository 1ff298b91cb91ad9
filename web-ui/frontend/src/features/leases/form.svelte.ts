// The form that begins a lease: "record full for 10 minutes where FILTER because REASON".
import { filterFaultOf, messageOf } from '../../api/error';
import type { Level, NewLease } from '../../api/types';
import { parseSize } from '../../format/size';
import { parseSpan } from '../../format/time';
import type { Leases } from '../../stores/leases.svelte';
import * as texts from '../../texts/leases';
import type { WrittenFilter } from '../filter';

/** A lease as it is written. */
export interface Draft {
  level: Level;
  span: string;
  size: string;
  count: string;
  reason: string;
  /** It goes on after a restart. */
  persist: boolean;
}

export type Problems = Partial<Record<keyof Draft, string>>;

/** Everything that is wrong with a draft, by its fields. */
export function check({ span, size, count }: Draft): Problems {
  const problems: Problems = {};
  const isBound = [span, size, count].some((text) => text.trim() !== '');
  if (!isBound) problems.span = texts.needsBound;
  if (span.trim() !== '' && !parseSpan(span)) problems.span = texts.timeSuchAs;
  if (size.trim() !== '' && !parseSize(size)) problems.size = texts.sizeSuchAs;
  if (count.trim() !== '' && !/^[1-9]\d{0,14}$/.test(count.trim())) problems.count = texts.wholeNumber;
  return problems;
}

/** The lease that a draft without problems stands for. */
export function leaseOf(draft: Draft, match: string): NewLease {
  const [span, reason] = [parseSpan(draft.span), draft.reason.trim()];
  return {
    level: draft.level,
    match,
    lasting_us: span === null ? null : span * 1e6,
    max_bytes: parseSize(draft.size),
    max_exchanges: draft.count.trim() === '' ? null : Number(draft.count),
    reason: reason === '' ? null : reason,
    persist: draft.persist,
  };
}

export class LeaseForm {
  draft: Draft = $state({ level: 'full', span: '10m', size: '', count: '', reason: '', persist: false });
  sending = $state(false);
  error = $state<string | null>(null);
  readonly match: WrittenFilter;
  readonly #leases: Leases;
  problems = $derived.by(() => check(this.draft));
  valid = $derived.by(() => Object.keys(this.problems).length === 0);

  constructor(leases: Leases, match: WrittenFilter) {
    this.#leases = leases;
    this.match = match;
  }

  /** Begins the lease; answers whether it was begun. */
  async send(): Promise<boolean> {
    if (!this.valid || this.sending) return false;
    this.sending = true;
    this.error = null;
    try {
      await this.#leases.begin(leaseOf(this.draft, this.match.text));
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
