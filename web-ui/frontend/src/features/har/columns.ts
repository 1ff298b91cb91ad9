// The columns of a HAR file's list, as far as they can be those of the recording.
import { shortType } from '../../format/media';
import { outcome } from '../../format/outcome';
import { size } from '../../format/size';
import { clock, duration } from '../../format/time';
import * as terms from '../../texts/terms';
import * as texts from '../../texts/har';
import type { Column } from '../../ui/grid';
import type { Row } from './har';

const outcomeOf = ({ status }: Row) =>
  outcome({ status: status === 0 ? null : status, state: status === 0 ? 'failed' : 'complete', failure: null });

export const COLUMNS: readonly Column<Row>[] = [
  {
    id: 'number',
    title: '#',
    width: '52px',
    narrow: '46px',
    slim: '52px',
    align: 'end',
    text: ({ id }) => String(id),
    classes: () => 'muted',
  },
  {
    id: 'time',
    title: terms.time,
    width: '88px',
    text: ({ started }) => (Number.isNaN(Date.parse(started)) ? '' : clock(started)),
    tip: ({ started }) => started,
    classes: () => 'muted',
  },
  {
    id: 'method',
    title: terms.method,
    width: '62px',
    narrow: '54px',
    slim: '64px',
    text: ({ method }) => method,
    classes: () => 'strong',
  },
  {
    id: 'status',
    title: terms.status,
    width: '110px',
    narrow: '96px',
    slim: 'minmax(0, 1fr)',
    text: (row) => (row.status === 0 ? texts.noResponse : String(row.status)),
    classes: (row) => `strong tone-${outcomeOf(row).tone}`,
  },
  {
    id: 'host',
    title: terms.host,
    width: 'minmax(110px, 1fr)',
    narrow: 'minmax(80px, 1.2fr)',
    below: '1 / 3',
    text: ({ host }) => host,
    tip: ({ url }) => url,
  },
  {
    id: 'path',
    title: terms.path,
    width: 'minmax(120px, 2.2fr)',
    narrow: 'minmax(90px, 1.6fr)',
    below: '3 / -1',
    text: ({ path }) => path,
    tip: ({ url }) => url,
  },
  {
    id: 'type',
    title: terms.type,
    width: '76px',
    text: ({ type }) => shortType(type),
    tip: ({ type }) => type,
    classes: () => 'muted',
  },
  {
    id: 'size',
    title: terms.size,
    width: '70px',
    align: 'end',
    text: (row) => (row.size === null ? '' : size(row.size)),
  },
  {
    id: 'duration',
    title: terms.duration,
    width: '72px',
    narrow: '64px',
    slim: '64px',
    align: 'end',
    text: (row) => (row.duration === null ? '' : duration(row.duration)),
  },
];
