import { describe, expect, it } from 'vitest';
import type { Traffic } from '../../api/types';
import { badRequests, latencyTitle, outcomesTitle } from './traffic';

const none = { count: 0, p50_us: null, p90_us: null, p99_us: null, p999_us: null };
const traffic: Traffic = {
  in_progress: 2,
  requests: {
    total: 15,
    status_1xx: 0,
    status_2xx: 7,
    status_3xx: 0,
    status_4xx: 1,
    status_5xx: 3,
    status_other: 0,
    failed: 2,
    refused: 1,
    aborted: 1,
  },
  request_bytes: 1536,
  response_bytes: 0,
  to_head: { count: 11, p50_us: 800, p90_us: 1200, p99_us: 12_000, p999_us: 2_500_000 },
  to_end: none,
};

describe('traffic', () => {
  it('says what went wrong: not what clients did', () => {
    expect(badRequests(traffic.requests)).toBe(6);
  });

  it('names the outcomes that there are', () => {
    expect(outcomesTitle(traffic)).toBe(
      'Since dashcam started: 7 2xx, 1 4xx, 3 5xx, 2 failed, 1 refused, 1 aborted; 2 under way.\nBodies: 1.5 KiB up, 0 B down',
    );
    const zero = Object.fromEntries(Object.keys(traffic.requests).map((name) => [name, 0])) as Traffic['requests'];
    expect(outcomesTitle({ ...traffic, requests: zero, in_progress: 0 })).toContain(
      'None since dashcam started; 0 under way',
    );
  });

  it('gives quantiles, or says that there are none', () => {
    expect(latencyTitle(traffic)).toBe(
      "From a request's head to its response's head: p50 800 µs, p90 1.2 ms, p99 12.0 ms, p99.9 2.5 s.\n" +
        'To its end: p50 –, p90 –, p99 –, p99.9 –',
    );
  });
});
