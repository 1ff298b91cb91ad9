// A row of the list: an exchange, or a connection that no exchange stands for, in the shape of one.
import type { Connection, Summary } from '../api/types';

/** Rows of connections have numbers below zero: those of their connections, negative. */
export type ListRow = Summary & { unread?: Connection };

/** A connection has a row if it failed or was tunnelled. */
export const hasRow = ({ failure, verdict }: Connection) => failure != null || verdict === 'tunnel';

/** A client of a forward proxy says where it wants to go, once it comes so far. */
const hasConnect = ({ mode, destination }: Connection) => /^(forward|upstream)\b/.test(mode) && destination != null;

/** The host and the port that a connection's destination names. */
export function namedBy({ destination }: Connection): { host: string; port: string } {
  const [, host = '', port = '443'] = /^\[?(.*?)\]?:(\d+)$/.exec(destination ?? '') ?? [];
  return { host, port };
}

/** Where a connection goes: the name that the client asks for, where its CONNECT names an address. */
function destinationOf(connection: Connection): { host: string; port: number } {
  const { host, port } = namedBy(connection);
  const isAddress = /^[\d.]*$/.test(host) || host.includes(':');
  return { host: (isAddress ? connection.tls?.sni : null) ?? host, port: Number(port) };
}

/** The row of a connection. */
export function rowOf(connection: Connection): ListRow {
  const { host, port } = destinationOf(connection);
  const closed = connection.closed_at == null ? null : Date.parse(connection.closed_at);
  return {
    id: -connection.id,
    connection: connection.id,
    replay_of: null,
    started_at: connection.opened_at,
    level: 'metadata',
    rule: null,
    state: connection.failure != null ? 'failed' : closed === null ? 'open' : 'complete',
    method: hasConnect(connection) ? 'CONNECT' : '',
    scheme: connection.detected === 'http1' ? 'http' : 'https',
    host,
    port,
    target: '',
    url: connection.destination ?? host,
    status: null,
    content_type: null,
    request_size: connection.bytes_in,
    response_size: connection.bytes_out,
    duration_us: closed === null ? null : Math.max(0, closed - Date.parse(connection.opened_at)) * 1000,
    failure: connection.failure,
    program: connection.program?.name ?? null,
    client: connection.client.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'),
    grpc_status: null,
    tags: [],
    pinned: false,
    cut: false,
    unread: connection,
  };
}

/** The part of the time that the loaded exchanges cover, in milliseconds. */
export interface Window {
  since: number;
  until: number;
}

/** An exchange or a connection, and when it began, in milliseconds. */
interface At {
  id: number;
  at: number;
}

/**
 * The numbers of exchanges, newest first, with those of connections between them: each before the first exchange that
 * began no later. Connections out of the window are left out: the exchanges around them are not loaded.
 */
export function merged(exchanges: readonly At[], connections: readonly At[], { since, until }: Window): number[] {
  const keys: number[] = [];
  let next = connections.findIndex(({ at }) => at < until);
  if (next < 0) next = connections.length;
  const put = (before: number) => {
    for (let one = connections[next]; one !== undefined && one.at >= before; one = connections[++next])
      keys.push(one.id);
  };
  for (const { id, at } of exchanges) {
    put(at);
    keys.push(id);
  }
  put(since);
  return keys;
}
