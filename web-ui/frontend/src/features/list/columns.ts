// The list's columns: each is a line of this table.
import type { Summary } from '../../api/types';
import { shortType } from '../../format/media';
import { shortened } from '../../format/placeholders';
import { outcome } from '../../format/outcome';
import { size } from '../../format/size';
import { clock, duration, moment } from '../../format/time';
import type { Column } from '../../ui/grid';
import HostCell from './HostCell.svelte';
import NumberCell from './NumberCell.svelte';
import PathCell from './PathCell.svelte';
import StatusCell from './StatusCell.svelte';

const COLUMNS: readonly Column<Summary>[] = [
  {
    id: 'number',
    title: '#',
    width: '52px',
    narrow: '46px',
    slim: '52px',
    align: 'end',
    text: (row) => String(row.id),
    classes: () => 'muted',
    cell: NumberCell,
  },
  {
    id: 'time',
    title: 'Time',
    width: '88px',
    text: (row) => clock(row.started_at),
    tip: (row) => moment(row.started_at),
    classes: () => 'muted',
  },
  {
    id: 'method',
    title: 'Method',
    width: '62px',
    narrow: '54px',
    slim: '64px',
    text: (row) => row.method,
    classes: () => 'strong',
  },
  {
    id: 'status',
    title: 'Status',
    width: '148px',
    narrow: '112px',
    slim: 'minmax(0, 1fr)',
    text: (row) => outcome(row).label,
    tip: (row) => outcome(row).title,
    classes: (row) => `strong tone-${outcome(row).tone}`,
    cell: StatusCell,
  },
  {
    id: 'host',
    title: 'Host',
    width: 'minmax(110px, 1fr)',
    narrow: 'minmax(80px, 1.2fr)',
    below: '1 / 3',
    text: (row) => row.host,
    tip: (row) => shortened(row.url),
    cell: HostCell,
  },
  {
    id: 'path',
    title: 'Path',
    width: 'minmax(120px, 2.2fr)',
    narrow: 'minmax(90px, 1.6fr)',
    below: '3 / -1',
    text: (row) => row.target,
    tip: (row) => shortened(row.url),
    cell: PathCell,
  },
  {
    id: 'program',
    title: 'Program',
    ample: '92px',
    text: (row) => row.program ?? '',
    tip: (row) => row.program,
    classes: () => 'muted',
  },
  {
    id: 'rule',
    title: 'Rule',
    ample: '84px',
    text: (row) => row.rule ?? '',
    tip: (row) => row.rule,
    classes: () => 'muted',
  },
  {
    id: 'type',
    title: 'Type',
    width: '76px',
    text: (row) => shortType(row.content_type),
    tip: (row) => row.content_type,
    classes: () => 'muted',
  },
  {
    id: 'size',
    title: 'Size',
    width: '70px',
    align: 'end',
    text: (row) => (row.status == null ? '' : size(row.response_size)),
  },
  {
    id: 'duration',
    title: 'Duration',
    width: '72px',
    narrow: '64px',
    slim: '64px',
    align: 'end',
    text: (row) => (row.duration_us == null ? '' : duration(row.duration_us)),
  },
];

/** The columns that say something: where there is no rule, none decided. */
export const columnsOf = (hasRules: boolean) => (hasRules ? COLUMNS : COLUMNS.filter(({ id }) => id !== 'rule'));
