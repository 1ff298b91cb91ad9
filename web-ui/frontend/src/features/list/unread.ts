// Connections that no exchange stands for, in words.
import type { Connection } from '../../api/types';

const REASONS: Record<NonNullable<Connection['tunnel_reason']>, string> = {
  off: 'nothing was recorded when it began',
  rule: 'a setting leaves this host alone',
  constrained: 'dashcam’s root may issue no certificate for this host',
  not_http: 'it is no HTTP',
  foreign_tls: 'its TLS is none that dashcam speaks',
  silent: 'the client sent nothing at first',
  client_rejected: 'the client rejects dashcam’s certificate',
  upstream_rejected: 'the upstream refuses dashcam’s TLS',
};

/** Why nothing of a connection was read. */
export const unreadWords = ({ failure, tunnel_reason }: Connection) =>
  failure != null
    ? failure.message
    : `not read: ${tunnel_reason == null ? 'it was tunnelled' : REASONS[tunnel_reason]}`;
