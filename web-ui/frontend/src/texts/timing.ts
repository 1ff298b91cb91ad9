// The times of an exchange, its connections and their certificates.

export const namesAndMore = (names: string, more: number) => `${names} and ${more} more`;
export const unreadable = 'A certificate that cannot be read';
export const forNames = (names: string) => `for ${names}`;
export const byIssuer = (issuer: string) => `by ${issuer}`;
export const itself = 'itself';
export const ahead = 'new, opened ahead of the request';
export const reused = 'reused';
export const opened = 'new';
export const upstream = 'Upstream connection';
export const noUpstream = 'No upstream was reached.';
export const upstreamCertificates = 'Certificates of the upstream';
export const shownCertificate = 'Certificate that dashcam showed';
export const client = 'Client connection';
export const clientUnknown = 'Nothing is known of it.';
export const replayed = 'None: dashcam sent this replay itself.';
export const clientCertificates = 'Certificates of the client';
export const openedAhead = (duration: string) =>
  `The connection was opened ahead of the request, ${duration} in all; it is shown here as if that had been right before.`;
export const phase = (from: string, until: string) => `from +${from} to +${until}`;
export const none = 'No times are known yet.';
export const dns = 'Resolve name';
export const connect = 'Connect';
export const tls = 'TLS handshake';
export const send = 'Send request';
export const wait = 'Wait for response';
export const receive = 'Receive response';
export const noTls = 'none';
