// The entries of the status line, the most important first.
import type { Status } from '../../api/types';
import { droppedText } from '../../format/gaps';
import { rateText, type Rates } from '../../format/rates';
import { count, plural, size } from '../../format/size';
import { duration } from '../../format/time';
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
    return [entry('exchanges', count(exchanges), 'exchanges', { title: status.database.path })];
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
    'req/s',
    {
      title: `Requests a second that pass just now; ${count(status.traffic.in_progress)} under way`,
    },
  );
  const errors = entry(
    'errors',
    text(({ errors }) => errors),
    'errors/s',
    {
      title: 'Failed, or answered with 5xx, in a second just now',
      tone: (rates?.errors ?? 0) > 0 ? 'bad' : '',
    },
  );
  const recorded = entry(
    'recorded',
    text(({ recorded }) => recorded),
    'recorded/s',
    {
      title: 'Exchanges that are stored in a second just now',
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
    entry('requests', count(requests.total), 'requests', { title: outcomesTitle(traffic), room: 7 }),
    entry('went-wrong', count(bad), 'went wrong', {
      title: 'Answered with 5xx, failed, or refused, since dashcam started',
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
  const most = retention?.max_size == null ? '' : ` of ${size(retention.max_size)}`;
  const failing = recorder.state === 'failing';
  return [
    entry('queue', size(recorder.queued_bytes), 'queued', {
      title: `${plural(ledger.pending, 'exchange')} on the way to the disk${failing ? `: ${recorder.error ?? 'it fails'}` : ''}`,
      tone: failing ? 'bad' : '',
      room: 7,
      rank: 2,
    }),
    entry('dropped', count(dropped), 'dropped', {
      title: `${droppedText(ledger.dropped, ledger.beyond_share)}\nShow what the recording misses, by hour`,
      tone: dropped > 0 ? 'bad' : '',
      room: 1,
      toGaps: true,
    }),
    ...(retention == null
      ? []
      : [
          entry('bounds', `${size(retention.used)}${most}`, most === '' ? 'kept' : '', {
            title: bounds,
            tone: retention.crowded ? 'warn' : '',
            room: 8,
            rank: 2,
          }),
        ]),
    entry('unread-connections', count(unread), 'unread', {
      title: 'Connections that are not recorded, as they were opened before',
      tone: unread > 0 ? 'warn' : '',
      room: 2,
      rank: 2,
    }),
    ...totals(ledger, status.database),
    entry('listeners', count(listeners.length), listeners.length === 1 ? 'listener' : 'listeners', {
      title: listeners.map(({ name, mode, address }) => `${name ?? mode} on ${address}`).join('\n'),
      room: 1,
      rank: 3,
    }),
  ];
}

/** Totals since dashcam started. */
function totals(ledger: Ledger, database: Status['database']): Entry[] {
  const unwanted =
    ledger.not_kept + ledger.sampled_out === 0
      ? ''
      : `${count(ledger.not_kept)} were not kept by the rules, ${count(ledger.sampled_out)} were not in a sample. `;
  const inside =
    database.exchanges === null || database.size === null
      ? 'it does not answer'
      : `${count(database.exchanges)} exchanges, ${size(database.size)}`;
  return [
    entry('seen', count(ledger.seen), 'seen', {
      title: `Seen since dashcam started. ${unwanted}${count(ledger.not_recorded)} more passed while the level was off or metrics`,
      room: 6,
      rank: 3,
    }),
    entry('stored', count(ledger.stored), 'stored', {
      title: `Stored since dashcam started, ${count(ledger.metadata_only)} of them without bodies; ${count(ledger.open)} open.\nIn ${database.path}: ${inside}`,
      room: 6,
      rank: 3,
    }),
    entry('truncated', count(ledger.truncated), 'truncated', {
      title: 'Stored with a body that was cut',
      tone: ledger.truncated > 0 ? 'warn' : '',
      room: 2,
      rank: 3,
    }),
  ];
}
