// An exchange's time, cut into phases.
import type { Exchange, Timings } from '../../api/types';
import * as texts from '../../texts/timing';

/** A stretch of time, in microseconds after the exchange's start. */
export interface Phase {
  name: string;
  kind: 'dns' | 'connect' | 'tls' | 'send' | 'wait' | 'receive';
  from: number;
  until: number;
}

/** The phases that are known. They may overlap: a response may begin before the request has ended. */
export function phases(timings: Timings): Phase[] {
  const { resolved_us, connected_us, tls_us, request_end_us, response_start_us, end_us } = timings;
  const found: Phase[] = [];
  let reached = 0;
  const step = (kind: Phase['kind'], name: string, until: number | null | undefined) => {
    // A request that was taken in whole before there was a connection to send it over has no phase of its own.
    if (until == null || until < reached) return;
    found.push({ name, kind, from: reached, until });
    reached = until;
  };
  step('dns', texts.dns, resolved_us);
  step('connect', texts.connect, connected_us);
  step('tls', texts.tls, tls_us);
  step('send', texts.send, request_end_us);
  if (response_start_us != null) {
    found.push({
      name: texts.wait,
      kind: 'wait',
      from: Math.min(reached, response_start_us),
      until: response_start_us,
    });
    if (end_us != null) found.push({ name: texts.receive, kind: 'receive', from: response_start_us, until: end_us });
  }
  return found;
}

/**
 * An exchange's times as they are shown. A connection that was opened ahead of the exchange, for it, is shown as if it
 * had been opened right before: then they count from there, `ahead` of the exchange.
 */
export function timeline({ timings, upstream }: Pick<Exchange, 'timings' | 'upstream'>): {
  timings: Timings;
  ahead: number;
} {
  const connection = upstream?.connection;
  const within = timings.resolved_us ?? timings.connected_us ?? timings.tls_us;
  if (upstream == null || upstream.reused || connection == null || within != null) return { timings, ahead: 0 };
  const resolved = connection.dns_us ?? 0;
  const connected = resolved + (connection.connect_us ?? 0);
  const ahead = connected + (connection.tls_us ?? 0);
  const later = (moment: number | null) => (moment === null ? null : moment + ahead);
  return {
    ahead,
    timings: {
      resolved_us: connection.dns_us === null ? null : resolved,
      connected_us: connected,
      tls_us: connection.tls_us === null ? null : ahead,
      request_end_us: later(timings.request_end_us),
      response_start_us: later(timings.response_start_us),
      end_us: later(timings.end_us),
    },
  };
}

/** How long everything took so far. */
export function total(timings: Timings): number {
  return timings.end_us ?? Math.max(0, ...phases(timings).map((phase) => phase.until));
}
