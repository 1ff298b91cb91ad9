import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fetchExchange } from '../api/calls';
import { ApiError } from '../api/error';
import type { Exchange } from '../api/types';
import { row } from './sample';
import { Detail } from './detail.svelte';

vi.mock('../api/calls');

const missing = new ApiError(404, 'not_found', 'There is no exchange 7.');

function exchange(edit: Partial<Exchange> = {}): Exchange {
  const body = {
    size: 0,
    stored: 0,
    truncated: false,
    stored_as: 'sent' as const,
    split: null,
    complete: true,
    end: null,
    trailers: null,
  };
  const request = { method: 'GET', target: '/', authority: null, version: 'HTTP/1.1', headers: [] };
  const timings = {
    resolved_us: null,
    connected_us: null,
    tls_us: null,
    request_end_us: null,
    response_start_us: null,
    end_us: null,
  };
  const rest = {
    connection: null,
    sent_by: null,
    request,
    request_sent: null,
    response: null,
    response_sent: null,
    interim: [],
    timings,
    upstream: null,
    message_count: 0,
    note: { comment: '', tags: [] },
    keep_until: null,
    redaction: null,
    snapshots: [],
  };
  return { ...row(7), ...rest, request_body: body, response_body: body, ...edit };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.mocked(fetchExchange).mockReset();
});

test('an exchange that nobody knows is an error at once', async () => {
  const detail = new Detail();
  vi.mocked(fetchExchange).mockRejectedValue(missing);
  detail.open(7, undefined);
  await vi.advanceTimersByTimeAsync(0);
  expect(detail.error).toBe('There is no exchange 7.');
});

test('it is asked for again when something is heard of it', async () => {
  const detail = new Detail();
  vi.mocked(fetchExchange).mockRejectedValue(missing);
  detail.open(7, undefined);
  detail.reload();
  await vi.advanceTimersByTimeAsync(0);
  expect(detail.error).toBe('There is no exchange 7.');
  vi.mocked(fetchExchange).mockResolvedValue(exchange({ state: 'complete' }));
  detail.hear(row(7, { state: 'complete' }));
  await vi.advanceTimersByTimeAsync(0);
  expect([detail.error, detail.exchange?.state]).toEqual([null, 'complete']);
});

test('one that is not there is asked for once', async () => {
  const detail = new Detail();
  vi.mocked(fetchExchange).mockRejectedValue(missing);
  detail.open(7, row(7));
  await vi.advanceTimersByTimeAsync(60_000);
  expect([detail.error, vi.mocked(fetchExchange).mock.calls.length]).toEqual(['There is no exchange 7.', 1]);
});

test('one that is under way is asked for now and then, and at once when it is over', async () => {
  const detail = new Detail();
  vi.mocked(fetchExchange).mockResolvedValue(exchange());
  detail.open(7, row(7));
  await vi.advanceTimersByTimeAsync(3000);
  expect([detail.exchange?.state, vi.mocked(fetchExchange).mock.calls.length]).toEqual(['open', 7]);
  vi.mocked(fetchExchange).mockResolvedValue(exchange({ state: 'complete' }));
  detail.hear(row(7, { state: 'complete' }));
  await vi.advanceTimersByTimeAsync(0);
  expect(detail.exchange?.state).toBe('complete');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(vi.mocked(fetchExchange).mock.calls.length).toBe(8);
});

test('what comes for another exchange is not shown', async () => {
  const detail = new Detail();
  vi.mocked(fetchExchange).mockResolvedValue(exchange());
  detail.open(7, row(7));
  detail.close();
  await vi.advanceTimersByTimeAsync(0);
  expect(detail.exchange).toBeNull();
});
