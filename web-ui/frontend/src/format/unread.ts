// Connections that no exchange stands for, in words.
import type { Connection } from '../api/types';

const REASONS: Record<NonNullable<Connection['tunnel_reason']>, string> = {
  off: 'nothing was recorded when it began',
  rule: 'a setting leaves this host alone',
  constrained: 'dashcam’s root may issue no certificate for this host',
  not_http: 'not HTTP',
  foreign_tls: 'TLS that dashcam does not speak',
  silent: 'the client sent nothing at first',
  client_rejected: 'the client rejects dashcam’s certificate',
  upstream_rejected: 'the upstream refuses dashcam’s TLS',
};

const DETECTED: Record<NonNullable<Connection['detected']>, string> = {
  tls: 'TLS',
  http1: 'HTTP/1',
  http2: 'HTTP/2',
  other: 'another protocol',
  silent: 'none',
};

const VERDICTS: Record<NonNullable<Connection['verdict']>, string> = {
  decrypt: 'decrypted',
  plain: 'read, as it is not encrypted',
  tunnel: 'tunnelled',
  refuse: 'refused',
};

/** What the client's first bytes are, what dashcam does with a connection, and why it does not read it. */
export const readingOf = ({ detected, verdict, tunnel_reason }: Connection) => ({
  detected: detected == null ? null : DETECTED[detected],
  verdict: verdict == null ? null : VERDICTS[verdict],
  reason: tunnel_reason == null ? null : REASONS[tunnel_reason],
});

/** Why nothing of a connection was read. */
export const unreadWords = ({ failure, tunnel_reason }: Connection) =>
  failure != null
    ? failure.message
    : `not read: ${tunnel_reason == null ? 'it was tunnelled' : REASONS[tunnel_reason]}`;
