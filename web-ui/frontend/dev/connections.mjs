// Made-up connections for the stand-in, with their certificates.

const certificate = (sha256, subject, issuer, names) => ({
  sha256: sha256.repeat(8),
  subject,
  issuer,
  names,
  not_before: '2026-09-01T00:00:00.000000Z',
  not_after: '2026-11-30T23:59:59.000000Z',
});

export const PROGRAM = {
  name: 'python3',
  pid: 48_213,
  path: '/usr/bin/python3.11',
  command: 'python3 billing/worker.py --queue=…',
  service: 'docker 3f2a1bc9d0e1',
  cgroup: '/system.slice/docker-3f2a1bc9d0e13f2a1bc9d0e13f2a1bc9d0e13f2a1bc9d0e13f2a1bc9d0e13f2a.scope',
};

export const upstreamConnection = (id, at) => ({
  id: (id >> 3) + 1,
  opened_at: new Date(at - 30).toISOString(),
  destination: 'api.example.com:443',
  address: '192.0.2.41:443',
  local_address: '192.0.2.7:51912',
  dns_us: 2310,
  connect_us: 4120,
  tls_us: 9876,
  tls: {
    version: 'TLSv1.3',
    cipher: 'TLS13_AES_256_GCM_SHA384',
    sni: 'api.example.com',
    alpn: 'http/1.1',
    certificates: [
      certificate('5f1c09ab', 'CN=api.example.com', "C=US, O=Let's Encrypt, CN=R11", [
        'api.example.com',
        '*.api.example.com',
      ]),
      certificate(
        '77d10e42',
        "C=US, O=Let's Encrypt, CN=R11",
        'C=US, O=Internet Security Research Group, CN=ISRG Root X1',
        [],
      ),
    ],
  },
  client_certificate: null,
  parent: null,
  tried: null,
});

const REFUSED =
  "The client rejected dashcam's certificate for updates.example.com (unknown_ca). It is probably Node.js: set NODE_EXTRA_CA_CERTS to '/home/me/.dashcam/ca.pem'.";

/** What is tunnelled because a client or an upstream refuses dashcam's TLS; times are around `now`. */
export const rejectedPairs = (now) => [
  {
    id: 2,
    client: '10.1.2.9',
    runtime: 'node',
    host: 'updates.example.com:443',
    side: 'client',
    message: REFUSED,
    since: new Date(now - 600_000).toISOString(),
    until: new Date(now + 3_000_000).toISOString(),
    refusals: 3,
    connections: 41,
  },
  {
    id: 1,
    client: '127.0.0.1',
    runtime: null,
    host: 'legacy.internal:8443',
    side: 'upstream',
    message: 'legacy.internal demands a client certificate (certificate_required), and none is configured for it.',
    since: new Date(now - 1_200_000).toISOString(),
    until: new Date(now + 2_400_000).toISOString(),
    refusals: 3,
    connections: 2,
  },
];

export const connection = (id) => ({
  id,
  opened_at: new Date().toISOString(),
  closed_at: null,
  client: '127.0.0.1:50412',
  program: PROGRAM,
  mode: 'forward',
  listener: null,
  destination: 'api.example.com:443',
  detected: 'tls',
  verdict: 'decrypt',
  tunnel_reason: null,
  runtime: null,
  tls: {
    version: 'TLSv1.3',
    cipher: 'TLS13_AES_256_GCM_SHA384',
    sni: 'api.example.com',
    alpn: 'http/1.1',
    certificates: id % 2 ? [] : [certificate('c0ffee00', 'CN=billing-worker, O=Example', 'CN=Example internal CA', [])],
  },
  failure: null,
  bytes_in: 0,
  bytes_out: 0,
});

export const failedConnections = [
  {
    ...connection(412),
    destination: 'updates.example.com:443',
    client: '10.1.2.9:41022',
    runtime: 'node',
    failure: { side: 'client', stage: 'tls_handshake', message: REFUSED },
  },
  {
    ...connection(377),
    destination: 'legacy.internal:8443',
    tls: null,
    failure: {
      side: 'upstream',
      stage: 'tls_handshake',
      message:
        'invalid peer certificate: certificate expired: verification time 1795359845 (UNIX), but certificate is not valid after 1790000000',
    },
  },
  {
    ...connection(301),
    destination: 'nowhere.example:443',
    tls: null,
    detected: null,
    verdict: null,
    failure: { side: 'upstream', stage: 'dns', message: 'nowhere.example does not resolve: Name or service not known' },
  },
  {
    ...connection(120),
    destination: null,
    tls: null,
    detected: 'http1',
    verdict: 'refuse',
    failure: {
      side: 'proxy',
      stage: 'request_head',
      message: 'a request for dashcam’s own listener 127.0.0.1:8081 is refused',
    },
  },
];

/** Those that failed; with `unread` those of the filter's time, of which the stand-in makes no other use. */
export function connections({ unread, since, until, before }) {
  const isIn = ({ id, opened_at }) =>
    unread === undefined ||
    (Date.parse(opened_at) >= Date.parse(since ?? 0) &&
      Date.parse(opened_at) < (until === undefined ? Infinity : Date.parse(until)) &&
      id < Number(before ?? Infinity));
  return { connections: failedConnections.filter(isIn), next_before: null };
}
