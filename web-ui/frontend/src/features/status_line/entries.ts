// The entries of the status line, the most important first.
import type { Status } from '../../api/types';
import { droppedText } from '../../format/gaps';
import { rateText, type Rates } from '../../format/rates';
import { count, size } from '../../format/size';
import { duration } from '../../format/time';
import * as texts from '../../texts/status_line';
import { badRequests, latencyTitle, outcomesTitle } from './traffic';

export interface Entry {
  id: string;
  value: string;
  label: string;
  title: string;
  tone: '' | 'bad' | 'warn';
  /** Room for the value, in digits: nothing moves as it changes. */
  room: number;
  /** 1 is always shown, 2 where there is room, 3 where there is much. */
  rank: 1 | 2 | 3;
  /** True if it leads to what is missing. */
  toGaps?: boolean;
}

/** The facts that the entries are made of. */
export interface Known {
  status: Status;
  rates: Rates | null;
  dropped: number;
  unread: number;
  /** Nothing is recorded, whatever passes. */
  countsOnly: boolean;
  bounds: string;
}

type Ledger = Status['ledger'];

export function entriesOf(known: Known): Entry[] {
  const { status } = known;
  if (status.read_only) {
    const exchanges = status.database.exchanges ?? 0;
    return [entry('exchanges', count(exchanges), texts.exchanges, { title: status.database.path })];
  }
  return [...rateEntries(known), ...(known.countsOnly ? countedEntries(status) : ledgerEntries(known))];
}

const entry = (id: string, value: string, label: string, more: Partial<Entry>): Entry => ({
  id,
  value,
  label,
  title: '',
  tone: '',
  room: 4,
  rank: 1,
  ...more,
});

function rateEntries({ rates, status, countsOnly }: Known): Entry[] {
  const text = (of: (rates: Rates) => number) => (rates === null ? '–' : rateText(of(rates)));
  const requests = entry(
    'rate',
    text(({ requests }) => requests),
    texts.requestRate,
    {
      title: texts.requestRateTitle(count(status.traffic.in_progress)),
    },
  );
  const errors = entry(
    'errors',
    text(({ errors }) => errors),
    texts.errorRate,
    {
      title: texts.errorRateTitle,
      tone: (rates?.errors ?? 0) > 0 ? 'bad' : '',
    },
  );
  const recorded = entry(
    'recorded',
    text(({ recorded }) => recorded),
    texts.recordedRate,
    {
      title: texts.recordedRateTitle,
      rank: 2,
    },
  );
  return countsOnly ? [requests, errors] : [requests, errors, recorded];
}

/** Totals where nothing is recorded. */
function countedEntries({ traffic }: Status): Entry[] {
  const { requests, to_head } = traffic;
  const bad = badRequests(requests);
  return [
    entry('requests', count(requests.total), texts.requests, { title: outcomesTitle(traffic), room: 7 }),
    entry('went-wrong', count(bad), texts.wentWrong, {
      title: texts.wentWrongTitle,
      tone: bad > 0 ? 'bad' : '',
    }),
    ...(to_head.p99_us == null
      ? []
      : [
          entry('p99', duration(to_head.p99_us), 'p99', {
            title: latencyTitle(traffic),
            room: 7,
          }),
        ]),
  ];
}

function ledgerEntries({ status, dropped, unread, bounds }: Known): Entry[] {
  const { ledger, recorder, retention, listeners } = status;
  const most = retention?.max_size == null ? null : size(retention.max_size);
  const used = size(retention?.used ?? 0);
  const failing = recorder.state === 'failing';
  return [
    entry('queue', size(recorder.queued_bytes), texts.queued, {
      title: failing ? texts.queueFailing(ledger.pending, recorder.error) : texts.queueTitle(ledger.pending),
      tone: failing ? 'bad' : '',
      room: 7,
      rank: 2,
    }),
    entry('dropped', count(dropped), texts.dropped, {
      title: texts.droppedTitle(droppedText(ledger.dropped, ledger.beyond_share)),
      tone: dropped > 0 ? 'bad' : '',
      room: 1,
      toGaps: true,
    }),
    ...(retention == null
      ? []
      : [
          entry('bounds', most === null ? used : texts.usedOf(used, most), most === null ? texts.kept : '', {
            title: bounds,
            tone: retention.crowded ? 'warn' : '',
            room: 8,
            rank: 2,
          }),
        ]),
    entry('unread-connections', count(unread), texts.unread, {
      title: texts.unreadTitle,
      tone: unread > 0 ? 'warn' : '',
      room: 2,
      rank: 2,
    }),
    ...totals(ledger, status.database),
    entry('listeners', count(listeners.length), texts.listeners(listeners.length), {
      title: listeners.map(({ name, mode, address }) => texts.listenerAt(name ?? mode, address)).join('\n'),
      room: 1,
      rank: 3,
    }),
  ];
}

/** Totals since dashcam started. */
function totals(ledger: Ledger, database: Status['database']): Entry[] {
  const { not_kept, sampled_out } = ledger;
  const unwanted = not_kept + sampled_out === 0 ? '' : `${texts.unwanted(count(not_kept), count(sampled_out))} `;
  const inside =
    database.exchanges === null || database.size === null
      ? texts.noDatabase
      : texts.inDatabase(count(database.exchanges), size(database.size));
  return [
    entry('seen', count(ledger.seen), texts.seen, {
      title: `${texts.seenTitle} ${unwanted}${texts.notRecorded(count(ledger.not_recorded))}`,
      room: 6,
      rank: 3,
    }),
    entry('stored', count(ledger.stored), texts.stored, {
      title: `${texts.storedTitle(count(ledger.metadata_only), count(ledger.open))}\n${texts.inPath(database.path, inside)}`,
      room: 6,
      rank: 3,
    }),
    entry('truncated', count(ledger.truncated), texts.truncated, {
      title: texts.truncatedTitle,
      tone: ledger.truncated > 0 ? 'warn' : '',
      room: 2,
      rank: 3,
    }),
  ];
}
