// The list's columns: each is a line of this table.
import type { SortBy } from '../../api/types';
import { shortType } from '../../format/media';
import { shortened } from '../../format/placeholders';
import { grpcName, outcome, where } from '../../format/outcome';
import { size } from '../../format/size';
import { clock, duration, moment } from '../../format/time';
import type { ListRow } from '../../stores/list_row';
import type { ColumnChoice } from '../../stores/columns.svelte';
import * as texts from '../../texts/list';
import * as outcomes from '../../texts/outcome';
import * as terms from '../../texts/terms';
import type { Column } from '../../ui/grid';
import HostCell from './HostCell.svelte';
import NumberCell from './NumberCell.svelte';
import OperationCell from './OperationCell.svelte';
import PathCell from './PathCell.svelte';
import StatusCell from './StatusCell.svelte';
import TagsCell from './TagsCell.svelte';
import WaterfallCell from './WaterfallCell.svelte';

export interface ListColumn extends Column<ListRow> {
  /** The value by which dashcam sorts for this column. */
  sort?: SortBy;
  /** Shown only if somebody wants it. */
  extra?: true;
}

/** Stands for what an exchange that is under way does not have yet. */
const YET = '…';
const muted = () => 'muted';

export const COLUMNS: readonly ListColumn[] = [
  {
    id: 'number',
    title: '#',
    width: '52px',
    narrow: '46px',
    slim: '52px',
    align: 'end',
    sort: 'id',
    text: (row) => String(row.id),
    classes: muted,
    cell: NumberCell,
  },
  {
    id: 'time',
    title: terms.time,
    width: '88px',
    sort: 'started_at',
    text: (row) => clock(row.started_at),
    tip: (row) => moment(row.started_at),
    classes: muted,
  },
  {
    id: 'method',
    title: terms.method,
    width: '62px',
    narrow: '54px',
    slim: '64px',
    sort: 'method',
    text: (row) => row.method,
    classes: () => 'strong',
  },
  {
    id: 'status',
    title: terms.status,
    width: '148px',
    narrow: '112px',
    slim: 'minmax(0, 1fr)',
    sort: 'status',
    text: (row) => outcome(row).label,
    tip: (row) => outcome(row).title,
    classes: (row) => `strong tone-${outcome(row).tone}`,
    cell: StatusCell,
  },
  {
    id: 'host',
    title: terms.host,
    width: 'minmax(110px, 1fr)',
    narrow: 'minmax(80px, 1.2fr)',
    below: '1 / 3',
    sort: 'host',
    text: (row) => row.host,
    tip: (row) => shortened(row.url),
    cell: HostCell,
  },
  {
    id: 'path',
    title: terms.path,
    width: 'minmax(120px, 2.2fr)',
    narrow: 'minmax(90px, 1.6fr)',
    below: '3 / -1',
    sort: 'path',
    text: (row) => row.target,
    tip: (row) => shortened(row.url),
    cell: PathCell,
  },
  {
    id: 'program',
    title: terms.program,
    ample: '92px',
    sort: 'program',
    text: (row) => row.program ?? '',
    tip: (row) => row.program,
    classes: muted,
  },
  {
    id: 'rule',
    title: terms.rule,
    ample: '84px',
    sort: 'rule',
    text: (row) => row.rule ?? '',
    tip: (row) => row.rule,
    classes: muted,
  },
  {
    id: 'client',
    title: terms.client,
    width: '108px',
    extra: true,
    sort: 'client',
    text: (row) => row.client ?? '',
    tip: (row) =>
      row.program != null && row.client != null
        ? texts.clientOf(row.program, row.client)
        : (row.program ?? row.client ?? ''),
    classes: muted,
  },
  {
    id: 'tags',
    title: terms.tags,
    width: '96px',
    ample: '120px',
    extra: true,
    sort: 'tags',
    text: (row) => row.tags.join(' '),
    tip: (row) => row.tags.join(', '),
    cell: TagsCell,
  },
  {
    id: 'operation',
    title: texts.operation,
    width: '120px',
    ample: '150px',
    extra: true,
    text: () => '',
    cell: OperationCell,
  },
  {
    id: 'grpc',
    title: 'gRPC',
    width: '118px',
    extra: true,
    sort: 'grpc_status',
    text: (row) => (row.grpc_status == null ? '' : `${row.grpc_status} ${grpcName(row.grpc_status)}`),
    tip: (row) => (row.grpc_status == null ? null : outcomes.grpcStatus(row.grpc_status, grpcName(row.grpc_status))),
    classes: (row) => (row.grpc_status == null || row.grpc_status === 0 ? 'muted' : 'strong tone-failed'),
  },
  {
    id: 'level',
    title: terms.level,
    width: '74px',
    extra: true,
    text: (row) => (row.unread === undefined ? row.level : ''),
    classes: muted,
  },
  {
    id: 'replay',
    title: texts.replayOf,
    width: '76px',
    align: 'end',
    extra: true,
    text: (row) => (row.replay_of == null ? '' : String(row.replay_of)),
    classes: muted,
  },
  {
    id: 'failure',
    title: terms.failure,
    width: 'minmax(110px, 1fr)',
    extra: true,
    text: (row) => (row.failure == null ? '' : `${where(row.failure)}: ${row.failure.message}`),
    tip: (row) => row.failure?.message,
  },
  {
    id: 'type',
    title: terms.type,
    width: '76px',
    sort: 'type',
    text: (row) => shortType(row.content_type),
    tip: (row) => row.content_type,
    classes: muted,
  },
  {
    id: 'sent',
    title: texts.sent,
    width: '70px',
    align: 'end',
    extra: true,
    sort: 'request_size',
    text: (row) => (row.state === 'open' && row.status == null ? YET : size(row.request_size)),
    tip: (row) => (row.unread === undefined ? texts.requestBytes : texts.bytesFromClient),
  },
  {
    id: 'size',
    title: terms.size,
    width: '70px',
    align: 'end',
    sort: 'response_size',
    text: (row) =>
      row.state === 'open' ? YET : row.status == null && row.unread === undefined ? '' : size(row.response_size),
    tip: (row) => (row.unread === undefined ? texts.responseBytes : texts.bytesToClient),
  },
  {
    id: 'duration',
    title: terms.duration,
    width: '72px',
    narrow: '64px',
    slim: '64px',
    align: 'end',
    sort: 'duration',
    text: (row) => (row.duration_us == null ? (row.state === 'open' ? YET : '') : duration(row.duration_us)),
  },
  {
    id: 'waterfall',
    title: texts.waterfall,
    ample: '110px',
    width: '90px',
    extra: true,
    text: () => '',
    tip: (row) => texts.waterfallFrom(clock(row.started_at)),
    cell: WaterfallCell,
  },
];

/** What a recording has, without which a column is empty. */
export interface Has {
  rules: boolean;
  tags: boolean;
}

/** Tells if a column is shown unless somebody chose otherwise: where there is no rule, none decided. */
export const isDefault = (column: ListColumn, has: Has) =>
  column.id === 'rule' ? has.rules : column.id === 'tags' ? has.tags : column.extra !== true;

/** The columns that are shown, as somebody arranged them. */
export function columnsOf(choice: ColumnChoice, has: Has): ListColumn[] {
  const shown = COLUMNS.filter((column) => choice.shows(column.id, isDefault(column, has)));
  return choice.sorted(shown).map((column) => {
    const fixed = choice.width(column.id);
    return { ...column, sortable: column.sort !== undefined, ...(fixed !== undefined && { fixed }) };
  });
}
