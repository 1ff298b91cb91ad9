// The use that a lease has made of its bounds, in words.
import type { Lease } from '../../api/types';
import { size } from '../../format/size';
import { clock, moment } from '../../format/time';
import * as counts from '../../texts/counts';
import * as texts from '../../texts/leases';

/** One limit of a lease: what is used of it, in words, and as a share of 1; null without a limit. */
export interface Use {
  id: 'bytes' | 'exchanges';
  text: string;
  share: number | null;
}

const share = (used: number, most: number | null | undefined) => (most == null ? null : Math.min(1, used / most));

/** "12 MiB of 500 MiB", "132 of 10 000 exchanges". */
export function usesOf({ used_bytes, max_bytes, used_exchanges, max_exchanges }: Lease): Use[] {
  const exchanges =
    max_exchanges == null ? counts.exchanges(used_exchanges) : texts.exchangesOf(used_exchanges, max_exchanges);
  const bytes = max_bytes == null ? size(used_bytes) : texts.bytesOf(size(used_bytes), size(max_bytes));
  return [
    { id: 'exchanges', text: exchanges, share: share(used_exchanges, max_exchanges) },
    { id: 'bytes', text: bytes, share: share(used_bytes, max_bytes) },
  ];
}

/** Who began it, from where, when, and why. */
export function originOf({ who, address, session, from, until, reason, persist }: Lease): string {
  const by = [
    who,
    address == null ? null : texts.fromAddress(address),
    session == null ? null : texts.inSession(session),
  ];
  const end = until == null ? texts.noEnd : moment(until);
  return [
    texts.begunBy(by.filter((part) => part !== null).join(', ')),
    `${moment(from)} – ${end}`,
    reason ?? texts.noReason,
    persist ? texts.outlastsRestart : texts.endsWithRestart,
  ].join('\n');
}

/** "since 14:02:07 by page". */
export const sinceOf = ({ from, who }: Lease) => texts.since(clock(from).slice(0, 8), who);

const ENDS: Record<string, string> = texts.ends;

/** Why a lease ended: "its time was up". */
export const endOf = ({ ended_why: why }: Lease) => (why == null ? '' : (ENDS[why] ?? why));
