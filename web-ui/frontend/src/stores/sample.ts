// A row for tests.
import type { Summary } from '../api/types';

/** An open exchange with number `id`, changed by `edit`. */
export function row(id: number, edit: Partial<Summary> = {}): Summary {
  return {
    id,
    connection: 1,
    replay_of: null,
    started_at: '2026-11-22T15:04:05.123456Z',
    level: 'full',
    state: 'open',
    method: 'GET',
    scheme: 'https',
    host: 'api.example.com',
    port: 443,
    target: '/',
    url: 'https://api.example.com/',
    status: null,
    content_type: null,
    request_size: 0,
    response_size: 0,
    duration_us: null,
    failure: null,
    program: null,
    client: null,
    grpc_status: null,
    tags: [],
    rule: null,
    pinned: false,
    cut: false,
    ...edit,
  };
}
