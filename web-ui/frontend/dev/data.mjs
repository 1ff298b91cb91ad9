// Made-up exchanges for the stand-in: the n-th is always the same but for its time.

const KINDS = [
  { method: 'GET', host: 'api.example.com', target: (n) => `/v2/users/${n}?expand=teams,roles`, status: 200, type: 'application/json; charset=utf-8', size: 812 },
  { method: 'GET', host: 'cdn.example.net', target: (n) => `/assets/app.${n}.js`, status: 304, type: 'text/javascript', size: 0 },
  { method: 'POST', host: 'api.example.com', target: () => '/v2/orders', status: 201, type: 'application/json', size: 1204, sent: '{"customer":"c_8812","lines":[{"sku":"A-100","quantity":2},{"sku":"B-7","quantity":1}],"note":null}' },
  { method: 'GET', host: 'images.example.org', target: (n) => `/thumb/${n}.webp`, status: 200, type: 'image/webp', size: 48_213 },
  { method: 'GET', host: 'api.example.com', target: () => '/v2/orders/9999999', status: 404, type: 'application/problem+json', size: 142 },
  { method: 'GET', host: 'billing.internal', target: () => '/healthz', scheme: 'http', port: 8085, failure: { side: 'upstream', stage: 'connect', message: 'connection to 10.0.4.17:8085 refused (os error 111)' } },
  { method: 'GET', host: 'stream.example.com', target: () => '/events?topic=prices', status: 200, type: 'text/event-stream', size: 5210, messages: true },
  { method: 'PUT', host: 'uploads.example.com', target: (n) => `/objects/${n}/content`, status: 503, type: 'text/html', size: 512, sent: 'binary' },
  { method: 'GET', host: 'www.example.com', target: () => '/', status: 302, type: 'text/html', size: 0 },
  { method: 'DELETE', host: 'api.example.com', target: (n) => `/v2/sessions/${n}`, status: 204, type: null, size: 0 },
  { method: 'POST', host: '127.0.0.1', target: () => '/upload', scheme: 'http', port: 8080, state: 'refused', failure: { side: 'client', stage: 'request_head', message: 'The request has Content-Length and Transfer-Encoding: two readers could disagree about where it ends.' } },
];

const AUTHORIZATION = ['Authorization', 'Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0.dyt0CoTl4WoVjAHI9Q_CwSKhl6d_9rhM3NrXuJttkrw'];

/** The n-th exchange, begun at `at`. */
export function exchange(id, at) {
  const kind = KINDS[(id * 7) % KINDS.length];
  const scheme = kind.scheme ?? 'https';
  const port = kind.port ?? 443;
  const target = kind.target(id);
  const authority = port === 443 ? kind.host : `${kind.host}:${port}`;
  const failed = kind.failure !== undefined;
  const duration = 1800 + ((id * 7919) % 90_000);
  const requestSize = kind.sent === undefined ? 0 : kind.sent.length;
  const cut = kind.type === 'image/webp';
  return {
    id, connection: (id >> 2) + 1, replay_of: null, started_at: new Date(at).toISOString().replace('Z', '417Z'), level: 'full',
    state: kind.state ?? (failed ? 'failed' : 'complete'), method: kind.method, scheme, host: kind.host, port, target, url: `${scheme}://${authority}${target}`,
    status: kind.status ?? null, content_type: kind.type ?? null, request_size: requestSize, response_size: kind.size ?? 0, duration_us: duration, failure: kind.failure ?? null, pinned: id % 97 === 0, cut: false,
    request: { method: kind.method, target, authority: null, version: 'HTTP/1.1', headers: [
      ['Host', authority], ['User-Agent', 'python-requests/2.32.3'], ['Accept-Encoding', 'gzip, deflate, br'], ['accept', '*/*'],
      ['Proxy-Connection', 'keep-alive'], AUTHORIZATION,
      ...(kind.sent === undefined ? [] : [['Content-Type', 'application/json'], ['Content-Length', String(requestSize)]]),
    ] },
    response: failed ? null : { version: 'HTTP/1.1', status: kind.status, reason: 'OK', headers: [
      ['Date', new Date(at).toUTCString()], ...(kind.type === null ? [] : [['Content-Type', kind.type]]), ['Server', 'nginx'], ['x-request-id', `req_${id}`], ['Set-Cookie', 'a=1; Path=/'], ['Set-Cookie', 'b=2; Path=/; HttpOnly'],
    ] },
    request_sent: failed || kind.method === 'PUT' ? null : { method: kind.method, target, authority: null, version: 'HTTP/1.1', headers: [
      ['Host', authority], ['User-Agent', 'python-requests/2.32.3'], ['Accept-Encoding', 'gzip, deflate, br'], ['accept', '*/*'],
      AUTHORIZATION, ['TE', 'trailers'],
      ...(kind.sent === undefined ? [] : [['Content-Type', 'application/json'], ['Content-Length', String(requestSize)]]),
    ] },
    response_sent: failed ? { version: 'HTTP/1.1', status: kind.state ? 400 : 502, reason: kind.state ? 'Bad Request' : 'Bad Gateway', headers: [['Content-Type', 'text/plain; charset=utf-8'], ['Connection', 'close']] } : null,
    interim: [],
    request_body: { size: requestSize, stored: requestSize, truncated: false, complete: true, trailers: null },
    response_body: { size: kind.size ?? 0, stored: cut ? 32_768 : (kind.size ?? 0), truncated: cut, complete: !failed, trailers: null },
    timings: failed ? { resolved_us: 410, connected_us: null, tls_us: null, request_end_us: null, response_start_us: null, end_us: duration }
       : { ...(id % 2 ? { resolved_us: null, connected_us: null, tls_us: null } : { resolved_us: duration * 0.08, connected_us: duration * 0.2, tls_us: duration * 0.45 }), request_end_us: duration * 0.48, response_start_us: duration * 0.9, end_us: duration },
    upstream: failed ? null : { address: '192.0.2.41:443', reused: false, tls_version: 'TLSv1.3', connection: upstreamConnection(id, at) },
    message_count: kind.messages ? 40 : 0,
  };
}

const certificate = (sha256, subject, issuer, names) => ({ sha256: sha256.repeat(8), subject, issuer, names, not_before: '2026-09-01T00:00:00.000000Z', not_after: '2026-11-30T23:59:59.000000Z' });

const upstreamConnection = (id, at) => ({
  id: (id >> 3) + 1, opened_at: new Date(at - 30).toISOString(), destination: 'api.example.com:443', address: '192.0.2.41:443', local_address: '192.0.2.7:51912', dns_us: 2310, connect_us: 4120, tls_us: 9876,
  tls: { version: 'TLSv1.3', cipher: 'TLS13_AES_256_GCM_SHA384', sni: 'api.example.com', alpn: 'http/1.1', certificates: [
    certificate('5f1c09ab', 'CN=api.example.com', "C=US, O=Let's Encrypt, CN=R11", ['api.example.com', '*.api.example.com']),
    certificate('77d10e42', "C=US, O=Let's Encrypt, CN=R11", 'C=US, O=Internet Security Research Group, CN=ISRG Root X1', []),
  ] },
  client_certificate: null,
});

const SUMMARY = ['id', 'connection', 'replay_of', 'started_at', 'level', 'state', 'method', 'scheme', 'host', 'port', 'target', 'url', 'status', 'content_type', 'request_size', 'response_size', 'duration_us', 'failure', 'pinned', 'cut'];

export const summary = (whole) => Object.fromEntries(SUMMARY.map((name) => [name, whole[name]]));

const JSON_BODY =
  '{"id":12345678901234567890,"name":"Ada Lovelace","email":"ada@example.com","active":true,"score":98.60,"manager":null,"teams":[{"id":1,"name":"Analytical \\"Engine\\"","roles":["owner","admin"]},{"id":7,"name":"Översättning","roles":[]}],"links":{"self":"https://api.example.com/v2/users/1","avatar":"https://images.example.org/thumb/1.webp"},"settings":{},"created_at":"2026-11-22T15:04:05.123456Z"}';

export function bodyOf(whole, side) {
  if (whole === undefined) return undefined;
  const sent = KINDS[(whole.id * 7) % KINDS.length].sent;
  const type = side === 'request' ? 'application/json' : (whole.content_type ?? '');
  const binary = type.startsWith('image/') || (side === 'request' && sent === 'binary');
  const text = side === 'request' ? (sent ?? '') : type.includes('json') ? JSON_BODY : '<!doctype html>\n<title>503</title>\n<h1>Service unavailable</h1>\n';
  return { text: binary ? null : text, encoding: side === 'response' && !binary ? 'gzip' : null, charset: 'utf-8', size: text.length, truncated: false, binary, note: null };
}

export function messagesOf(whole, preview = 65_536) {
  return Array.from({ length: whole?.message_count ?? 0 }, (_, seq) => {
    const large = [3, 8].includes(seq) ? `,"depth":[${'[101.25,300],'.repeat(seq === 3 ? 2_000 : 200_000)}[0,0]]` : '';
    const text = `{"symbol":"${seq % 2 ? 'ACME' : 'EMCA'}","price":${100 + seq}.25,"at":${seq}${large}}`;
    const binary = seq % 9 === 8;
    return {
      seq, at: new Date(Date.parse(whole.started_at) + seq * 431).toISOString(), direction: seq % 5 === 0 ? 'request' : 'response',
      kind: binary ? 'binary' : seq % 13 === 12 ? 'ping' : 'text', size: text.length, stored: text.length, preview: text.length > preview, text: binary ? null : text.slice(0, preview), data: Buffer.from(text.slice(0, preview)).toString('base64'),
    };
  });
}

export const connection = (id) => ({
  id, opened_at: new Date().toISOString(), closed_at: null, client: '127.0.0.1:50412', mode: 'forward', destination: 'api.example.com:443', detected: 'tls', verdict: 'decrypt',
  tls: { version: 'TLSv1.3', cipher: 'TLS13_AES_256_GCM_SHA384', sni: 'api.example.com', alpn: 'http/1.1', certificates: id % 2 ? [] : [certificate('c0ffee00', 'CN=billing-worker, O=Example', 'CN=Example internal CA', [])] }, failure: null, bytes_in: 0, bytes_out: 0,
});

export const failedConnections = [
  { ...connection(412), destination: 'updates.example.com:443', client: '10.1.2.9:41022', failure: { side: 'client', stage: 'tls_handshake', message: 'the client rejected our certificate: received fatal alert: UnknownCA' } },
  { ...connection(377), destination: 'legacy.internal:8443', tls: null, failure: { side: 'upstream', stage: 'tls_handshake', message: 'invalid peer certificate: certificate expired: verification time 1795359845 (UNIX), but certificate is not valid after 1790000000' } },
  { ...connection(301), destination: 'nowhere.example:443', tls: null, detected: null, verdict: null, failure: { side: 'upstream', stage: 'dns', message: 'nowhere.example does not resolve: Name or service not known' } },
  { ...connection(120), destination: null, tls: null, detected: 'http1', verdict: 'refuse', failure: { side: 'proxy', stage: 'request_head', message: 'a request for dashcam’s own listener 127.0.0.1:8081 is refused' } },
];

const HOUR = 3_600_000;

/** What is missing of an hour, so many hours ago. */
function lostHour(ago, dropped) {
  const hour = Math.floor(Date.now() / HOUR - ago) * HOUR;
  const at = (ms) => new Date(hour + ms).toISOString();
  return { hour: at(0), from: at(64_123), until: at(2_000_456), dropped: { queue_full: 0, disk_full: 0, disk_error: 0, recorder_fault: 0, ...dropped } };
}

export const lostHours = [
  lostHour(1, { queue_full: 12 }),
  lostHour(26, { disk_full: 18_234, queue_full: 411 }),
  lostHour(27, { disk_full: 977 }),
  lostHour(400, { disk_error: 1, recorder_fault: 2, queue_full: 3, disk_full: 4 }),
  lostHour(1000, {}),
];
