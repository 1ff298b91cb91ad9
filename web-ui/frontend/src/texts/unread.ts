// Connections that no exchange stands for: what they are, what becomes of them, and why.

/** By the names of the API. */
export const reasons = {
  off: 'nothing was recorded when it began',
  rule: 'a setting leaves this host alone',
  constrained: 'dashcam’s root may issue no certificate for this host',
  not_http: 'not HTTP',
  foreign_tls: 'TLS that dashcam does not speak',
  silent: 'the client sent nothing at first',
  client_rejected: 'the client rejects dashcam’s certificate',
  upstream_rejected: 'the upstream refuses dashcam’s TLS',
};
export const detected = {
  tls: 'TLS',
  http1: 'HTTP/1',
  http2: 'HTTP/2',
  other: 'another protocol',
  silent: 'none',
};
export const verdicts = {
  decrypt: 'decrypted',
  plain: 'read, as it is not encrypted',
  tunnel: 'tunnelled',
  refuse: 'refused',
};
export const notRead = (reason: string) => `not read: ${reason}`;
export const tunnelled = 'it was tunnelled';
