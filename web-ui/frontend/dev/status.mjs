// What the stand-in says of itself.

/** The answer to `GET /status` of `api`. */
export const status = (api) => ({
  version: '0.1.0',
  started_at: api.started,
  uptime_us: 1,
  read_only: api.readOnly,
  home: '/home/me/.dashcam',
  listeners: [
    { mode: 'forward', address: '127.0.0.1:8080' },
    { mode: 'reverse:https://api.example.com', address: '0.0.0.0:9000' },
  ],
  page: {
    url: 'http://127.0.0.1:8081/',
    socket: null,
    sessions: 1,
    sign_ins_failed: 0,
    connections_open: 3,
    refused: { connections: 0, displaced: 0, watchers: 0, exports: 0, replays: 0 },
  },
  database: { path: '/home/me/.dashcam/dashcam.db', size: 48_234_496, exchanges: api.exchanges.length },
  retention: {
    max_size: 10_737_418_240,
    max_age_us: 2_592_000_000_000,
    max_exchanges: null,
    used: 45_000_000,
    deleted: 17,
    pinned: api.exchanges.filter((row) => row.pinned).length,
    oldest_at: api.exchanges.at(-1)?.started_at ?? null,
    crowded: false,
  },
  settings: api.settings,
  ledger: {
    seen: api.last + 12,
    stored: api.last,
    metadata_only: 40,
    open: 0,
    pending: 0,
    truncated: api.last > 0 ? 3 : 0,
    not_recorded: 17,
    dropped: { queue_full: api.last > 0 ? 12 : 0, disk_full: 0, disk_error: 0, recorder_fault: 0 },
  },
  traffic: {
    in_progress: 1,
    requests: {
      total: api.last,
      status_1xx: 0,
      status_2xx: api.last,
      status_3xx: 0,
      status_4xx: 0,
      status_5xx: 0,
      status_other: 0,
      failed: 0,
      refused: 0,
      aborted: 0,
    },
    request_bytes: 12_345,
    response_bytes: 6_789_012,
    to_head: { count: api.last, p50_us: 812, p90_us: 2100, p99_us: 12_400, p999_us: 51_000 },
    to_end: { count: api.last, p50_us: 950, p90_us: 2600, p99_us: 14_800, p999_us: 73_000 },
  },
  connections_open: 4,
  unread_connections: api.unread,
  recorder: { state: 'running', error: null, queued_bytes: 0 },
  recording: api.paused
    ? {
        state: 'paused',
        since: api.started,
        reason: 'disk_full',
        message: 'the disk of /home/me/.dashcam/dashcam.db has 0.9 GiB free, and 1.0 GiB are to stay free',
      }
    : { state: 'recording', since: null, reason: null, message: null },
});
