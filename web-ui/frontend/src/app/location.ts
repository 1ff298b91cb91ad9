// The page's address: which list, in which order, which query, which exchange and which part of it. A link to it shows the same.
import type { Order, SortBy } from '../api/types';

export const VIEWS = [
  'exchanges',
  'dashboard',
  'connections',
  'gaps',
  'rules',
  'snapshots',
  'boundaries',
  'audit',
  'compare',
] as const;
export const TABS = ['overview', 'request', 'response', 'messages', 'raw'] as const;

/** The values that the list is sorted by. */
const SORTS = [
  'id',
  'started_at',
  'method',
  'host',
  'path',
  'status',
  'type',
  'request_size',
  'response_size',
  'duration',
  'client',
  'program',
  'rule',
  'tags',
  'grpc_status',
] as const satisfies readonly SortBy[];

/** The views: lists, mostly. */
export type View = (typeof VIEWS)[number];

/** The parts of an exchange. */
export type Tab = (typeof TABS)[number];

/** One state of the page, as an address holds it. */
export interface Place {
  view: View;
  /** The filter, without white space around it. */
  query: string;
  /** The order of the list; null: the newest first. */
  order: Order | null;
  /** The exchange that is open. */
  exchange: number | null;
  /** The connection that is open in its place. */
  connection: number | null;
  /** Connections that no exchange stands for are rows of the list. */
  connections: boolean;
  /** The exchange with which the open one is compared. */
  with: number | null;
  /** Null: the one that says most of it. */
  tab: Tab | null;
}

/** The page without anything chosen; its address is just `/`. */
export const HOME: Place = {
  view: 'exchanges',
  query: '',
  order: null,
  exchange: null,
  connection: null,
  connections: false,
  with: null,
  tab: null,
};

/** The place in `search`, the part of an address from `?` on. What is unknown or broken is as at home. */
export function parse(search: string): Place {
  const parameters = new URLSearchParams(search);
  const by = oneOf(SORTS, parameters.get('sort'));
  const exchange = id(parameters.get('exchange'));
  return {
    view: oneOf(VIEWS, parameters.get('view')) ?? HOME.view,
    query: (parameters.get('filter') ?? HOME.query).trim(),
    order: by === undefined ? null : { by, order: parameters.get('order') === 'asc' ? 'asc' : 'desc' },
    exchange,
    connection: exchange === null ? id(parameters.get('connection')) : null,
    connections: parameters.get('connections') === 'shown',
    with: id(parameters.get('with')),
    tab: oneOf(TABS, named(parameters.get('tab'))) ?? HOME.tab,
  };
}

/** `place` with a `change`: what is opened, an exchange or a connection, takes the other one's place. */
export function changed(place: Place, change: Partial<Place>): Place {
  const next = { ...place, ...change };
  if (change.exchange != null) return { ...next, connection: null };
  return change.connection != null ? { ...next, exchange: null } : next;
}

/** The address of `place`; what is as at home is left out. */
export function format(place: Place): string {
  const parameters = new URLSearchParams();
  if (place.view !== HOME.view) parameters.set('view', place.view);
  if (place.query !== HOME.query) parameters.set('filter', place.query);
  if (place.order !== null) parameters.set('sort', place.order.by);
  if (place.order?.order === 'asc') parameters.set('order', 'asc');
  if (place.exchange !== null) parameters.set('exchange', String(place.exchange));
  if (place.connection !== null) parameters.set('connection', String(place.connection));
  if (place.connections) parameters.set('connections', 'shown');
  if (place.with !== null && place.view === 'compare') parameters.set('with', String(place.with));
  if (place.tab !== null) parameters.set('tab', place.tab);
  return parameters.size === 0 ? '/' : `/?${parameters.toString()}`;
}

/** Tells if two orders are the same. */
export const sameOrder = (one: Order | null, other: Order | null) =>
  one?.by === other?.by && one?.order === other?.order;

/** The name of a tab today: links to it had another one. */
const named = (tab: string | null) => (tab === 'timing' ? 'overview' : tab);

function oneOf<T extends string>(known: readonly T[], value: string | null): T | undefined {
  return known.find((one) => one === value);
}

function id(value: string | null): number | null {
  if (value === null || !/^[1-9]\d*$/.test(value)) return null;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : null;
}
