import { describe, expect, it } from 'vitest';
import { phases, timeline, total } from './timings';

describe('phases', () => {
  const none = {
    resolved_us: null,
    connected_us: null,
    tls_us: null,
    request_end_us: null,
    response_start_us: null,
    end_us: null,
  };

  it('follow one another', () => {
    const timings = {
      resolved_us: 1,
      connected_us: 3,
      tls_us: 6,
      request_end_us: 7,
      response_start_us: 20,
      end_us: 30,
    };
    expect(phases(timings).map(({ from, until }) => [from, until])).toMatchObject([
      [0, 1],
      [1, 3],
      [3, 6],
      [6, 7],
      [7, 20],
      [20, 30],
    ]);
    expect(total(timings)).toBe(30);
  });

  it('may overlap, and may be unknown', () => {
    const early = phases({ ...none, request_end_us: 50, response_start_us: 20, end_us: 60 });
    expect(early).toMatchObject([
      { name: 'Send request', from: 0, until: 50 },
      { name: 'Wait for response', from: 20, until: 20 },
      { name: 'Receive response', from: 20, until: 60 },
    ]);
    expect(phases({ ...none, resolved_us: 66, request_end_us: 12 })).toMatchObject([
      { name: 'Resolve name', from: 0, until: 66 },
    ]);
    expect(phases(none)).toEqual([]);
    expect(total({ ...none, resolved_us: 4 })).toBe(4);
  });

  it('begin with a connection that was opened ahead', () => {
    const connection = {
      id: 1,
      opened_at: '',
      destination: 'a:443',
      address: '',
      local_address: null,
      dns_us: null,
      connect_us: 2,
      tls_us: 3,
      tls: null,
      client_certificate: null,
      parent: null,
      tried: null,
    };
    const upstream = { address: '', reused: false, tls_version: null, connection };
    const timings = { ...none, request_end_us: 1, response_start_us: 4, end_us: 5 };
    const ahead = timeline({ timings, upstream });
    expect(ahead.ahead).toBe(5);
    expect(phases(ahead.timings).map(({ name, until }) => [name, until])).toMatchObject([
      ['Connect', 2],
      ['TLS handshake', 5],
      ['Send request', 6],
      ['Wait for response', 9],
      ['Receive response', 10],
    ]);
    expect(timeline({ timings, upstream: { ...upstream, reused: true } })).toEqual({ timings, ahead: 0 });
    expect(timeline({ timings: { ...timings, connected_us: 1 }, upstream }).ahead).toBe(0);
  });
});
