// How much passes just now: differences between two answers of `/status`.
import type { Status } from '../api/types';

type Counted = Pick<Status, 'ledger' | 'traffic' | 'started_at'>;

/** Each in a second. */
export interface Rates {
  requests: number;
  errors: number;
  recorded: number;
}

/** The rates between `before` and `now`, which are so many seconds apart; null across a restart. */
export function ratesOf(before: Counted | null, now: Counted, seconds: number): Rates | null {
  if (before === null || before.started_at !== now.started_at || seconds <= 0) return null;
  const errors = ({ traffic: { requests } }: Counted) => requests.status_5xx + requests.failed;
  // Counts do not fall, but for a moment in which dashcam sums them up.
  const rate = (of: (one: Counted) => number) => Math.max(0, of(now) - of(before)) / seconds;
  return {
    requests: rate(({ traffic }) => traffic.requests.total),
    errors: rate(errors),
    recorded: rate(({ ledger }) => ledger.stored),
  };
}

/** "0", "0.5", "12", "1.2k": four signs at most. */
export function rateText(rate: number): string {
  if (rate === 0) return '0';
  if (rate < 9.95) return rate.toFixed(1);
  if (rate < 9999.5) return String(Math.round(rate));
  return rate < 99_950 ? `${(rate / 1000).toFixed(1)}k` : `${Math.round(rate / 1000)}k`;
}
