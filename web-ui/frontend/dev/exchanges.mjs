// Made-up exchanges for the stand-in: the n-th is always the same but for its time.
import { PROGRAM, upstreamConnection } from './connections.mjs';
import { kindOf } from './kinds.mjs';
import { redacted } from './redaction.mjs';

const AUTHORIZATION = [
  'Authorization',
  'Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0.dyt0CoTl4WoVjAHI9Q_CwSKhl6d_9rhM3NrXuJttkrw',
];

/** The n-th exchange, begun at `at`. */
export function exchange(id, at) {
  const kind = kindOf(id);
  const scheme = kind.scheme ?? 'https';
  const port = kind.port ?? 443;
  const target = kind.target(id);
  const authority = port === 443 ? kind.host : `${kind.host}:${port}`;
  const failed = kind.failure !== undefined;
  const duration = 1800 + ((id * 7919) % 90_000);
  const requestSize = kind.sent === undefined ? 0 : kind.sent.length;
  const cut = kind.type === 'image/webp';
  return redacted({
    id,
    connection: (id >> 2) + 1,
    replay_of: null,
    started_at: new Date(at).toISOString().replace('Z', '417Z'),
    level: 'full',
    rule: kind.status >= 500 ? 'errors' : 'default',
    keep_until: kind.status >= 500 ? new Date(at + 604_800_000).toISOString() : null,
    state: kind.state ?? (failed ? 'failed' : 'complete'),
    method: kind.method,
    scheme,
    host: kind.host,
    port,
    target,
    url: `${scheme}://${authority}${target}`,
    status: kind.status ?? null,
    content_type: kind.type ?? null,
    request_size: requestSize,
    response_size: kind.size ?? 0,
    duration_us: duration,
    failure: kind.failure ?? null,
    program: id % 5 === 0 ? null : PROGRAM.name,
    client: `10.0.0.${id % 3}`,
    grpc_status: kind.grpc ?? null,
    tags: [],
    sent_by: id % 5 === 0 ? null : PROGRAM,
    pinned: id % 97 === 0,
    cut: false,
    request: {
      method: kind.method,
      target,
      authority: null,
      version: 'HTTP/1.1',
      headers: [
        ['Host', authority],
        ['User-Agent', 'python-requests/2.32.3'],
        ['Accept-Encoding', 'gzip, deflate, br'],
        ['accept', '*/*'],
        ['Proxy-Connection', 'keep-alive'],
        AUTHORIZATION,
        ...(kind.sent === undefined
          ? []
          : [
              ['Content-Type', 'application/json'],
              ['Content-Length', String(requestSize)],
            ]),
      ],
    },
    response: failed
      ? null
      : {
          version: 'HTTP/1.1',
          status: kind.status,
          reason: 'OK',
          headers: [
            ['Date', new Date(at).toUTCString()],
            ...(kind.type === null ? [] : [['Content-Type', kind.type]]),
            ['Server', 'nginx'],
            ['x-request-id', `req_${id}`],
            ['Set-Cookie', 'a=1; Path=/'],
            ['Set-Cookie', 'b=2; Path=/; HttpOnly'],
          ],
        },
    request_sent:
      failed || kind.method === 'PUT'
        ? null
        : {
            method: kind.method,
            target,
            authority: null,
            version: 'HTTP/1.1',
            headers: [
              ['Host', authority],
              ['User-Agent', 'python-requests/2.32.3'],
              ['Accept-Encoding', 'gzip, deflate, br'],
              ['accept', '*/*'],
              AUTHORIZATION,
              ['TE', 'trailers'],
              ...(kind.sent === undefined
                ? []
                : [
                    ['Content-Type', 'application/json'],
                    ['Content-Length', String(requestSize)],
                  ]),
            ],
          },
    response_sent: failed
      ? {
          version: 'HTTP/1.1',
          status: kind.state ? 400 : 502,
          reason: kind.state ? 'Bad Request' : 'Bad Gateway',
          headers: [
            ['Content-Type', 'text/plain; charset=utf-8'],
            ['Connection', 'close'],
          ],
        }
      : null,
    interim: [],
    request_body: {
      size: requestSize,
      split: null,
      stored: requestSize,
      truncated: false,
      complete: true,
      end: null,
      trailers: null,
    },
    response_body: {
      size: kind.size ?? 0,
      split: null,
      stored: cut ? 32_768 : (kind.size ?? 0),
      truncated: cut,
      complete: !failed,
      end: null,
      trailers: null,
    },
    timings: failed
      ? {
          resolved_us: 410,
          connected_us: null,
          tls_us: null,
          request_end_us: null,
          response_start_us: null,
          end_us: duration,
        }
      : {
          ...(id % 2
            ? { resolved_us: null, connected_us: null, tls_us: null }
            : { resolved_us: duration * 0.08, connected_us: duration * 0.2, tls_us: duration * 0.45 }),
          request_end_us: duration * 0.48,
          response_start_us: duration * 0.9,
          end_us: duration,
        },
    upstream: failed
      ? null
      : { address: '192.0.2.41:443', reused: false, tls_version: 'TLSv1.3', connection: upstreamConnection(id, at) },
    message_count: kind.messages ? 40 : 0,
    note: { comment: '', tags: [] },
    snapshots: id === 1494 ? ['slow-orders', 'inc-123'] : [],
  });
}

const SUMMARY = [
  'id',
  'connection',
  'replay_of',
  'started_at',
  'level',
  'rule',
  'state',
  'method',
  'scheme',
  'host',
  'port',
  'target',
  'url',
  'status',
  'content_type',
  'request_size',
  'response_size',
  'duration_us',
  'failure',
  'program',
  'client',
  'grpc_status',
  'tags',
  'pinned',
  'cut',
];

export const summary = (whole) => Object.fromEntries(SUMMARY.map((name) => [name, whole[name]]));
