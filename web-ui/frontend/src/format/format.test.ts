import { describe, expect, it, test } from 'vitest';
import { advice } from '../features/failure/advice';
import { changes } from '../features/detail/changes';
import { sendingAdvice } from '../features/list/listeners';
import { contentType, looksLikeJson, shortType } from './media';
import { outcome, where } from './outcome';
import { count, plural, size } from './size';
import { between, clock, duration, moment } from './time';
import { phases, timeline, total } from '../features/timing/timings';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 KiB'],
  [1536, '1.5 KiB'],
  [100 * 1024, '100 KiB'],
  [1023 * 1024, '1.0 MiB'],
  [5 * 1024 ** 3, '5.0 GiB'],
  [3000 * 1024 ** 4, '3000 TiB'],
])('size %d is %s', (bytes, text) => expect(size(bytes)).toBe(text));

test('counts are grouped', () => {
  expect(count(999)).toBe('999');
  expect(count(1234567)).toBe('1\u2009234\u2009567');
  expect(plural(1, 'exchange')).toBe('1 exchange');
  expect(plural(0, 'exchange')).toBe('0 exchanges');
});

test.each([
  [0, '0 µs'],
  [840, '840 µs'],
  [5123, '5.1 ms'],
  [123_456, '123 ms'],
  [999_499, '999 ms'],
  [999_500, '1.0 s'],
  [12_345_000, '12.3 s'],
  [245_000_000, '4 min 05 s'],
  [7_620_000_000, '2 h 07 min'],
])('duration %d is %s', (us, text) => expect(duration(us)).toBe(text));

test('times are local and keep microseconds for differences', () => {
  expect(clock('2026-11-22T15:04:05.123456Z')).toMatch(/^\d\d:\d\d:05\.123$/);
  expect(moment('2026-06-15T12:00:00Z')).toMatch(/^2026-06-1[56] \d\d:\d\d:00\.000$/);
  expect(clock('no time')).toBe('no time');
  expect(between('2026-11-22T15:04:05.999999Z', '2026-11-22T15:04:06.000001Z')).toBe(2);
});

describe('outcome', () => {
  const row = { status: null, state: 'open' as const, failure: null };

  it.each([
    [101, 'info'],
    [204, 'ok'],
    [304, 'redirect'],
    [404, 'client'],
    [503, 'server'],
  ])('status %d is %s', (status, tone) => {
    expect(outcome({ ...row, status, state: 'complete' })).toMatchObject({ label: String(status), tone });
  });

  it('tells of waiting, aborting and failing', () => {
    expect(outcome(row).tone).toBe('pending');
    expect(outcome({ ...row, status: 200, state: 'aborted' })).toMatchObject({ label: '200 aborted', tone: 'failed' });
    const failure = { side: 'upstream' as const, stage: 'tls_handshake' as const, message: 'expired' };
    expect(outcome({ ...row, state: 'failed', failure })).toMatchObject({
      label: '✕ upstream TLS handshake',
      title: 'upstream TLS handshake: expired',
    });
    expect(outcome({ status: 200, state: 'failed', failure }).label).toBe('200 ✕ upstream TLS handshake');
    expect(where({ side: 'upstream', stage: 'dns' })).toBe('upstream DNS');
    const refused = { side: 'client' as const, stage: 'request_head' as const, message: 'two lengths' };
    expect(outcome({ ...row, state: 'refused', failure: refused })).toMatchObject({
      label: '⊘ refused',
      tone: 'refused',
      title: 'dashcam refused it: two lengths',
    });
  });
});

test('content types are shortened', () => {
  expect(shortType('application/json; charset=utf-8')).toBe('json');
  expect(shortType('application/vnd.api+json')).toBe('json');
  expect(shortType('application/x-www-form-urlencoded')).toBe('form');
  expect(shortType(null)).toBe('');
  expect(
    contentType([
      ['x', 'y'],
      ['content-TYPE', 'a/b'],
    ]),
  ).toBe('a/b');
  expect(looksLikeJson('text/plain', ' {"a":1}')).toBe(true);
  expect(looksLikeJson('text/plain', 'a {')).toBe(false);
});

test('a client that rejects the certificate is told what to do', () => {
  const what = advice({ side: 'client', stage: 'tls_handshake' }, 'api.example.com:443');
  expect(what.text).toContain('ca.pem');
  expect(what.command).toBe("dashcam serve --ignore-hosts 'api\\.example\\.com'");
  expect(advice({ side: 'upstream', stage: 'dns' }, 'a.b:1').command).toBe('getent hosts a.b');
});

test('listeners say where to send traffic', () => {
  const listeners = [
    { mode: 'forward', address: '0.0.0.0:8080' },
    { mode: 'forward@8082', address: '127.0.0.1:8082' },
    { mode: 'reverse:https://api.example.com@9000', address: '[::]:9000' },
  ];
  expect(sendingAdvice(listeners, 'box')).toEqual({
    forward: ['box:8080', '127.0.0.1:8082'],
    reverse: [{ address: 'box:9000', to: 'https://api.example.com' }],
  });
});

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
    expect(phases(timings).map(({ from, until }) => [from, until])).toEqual([
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
    expect(early).toEqual([
      { name: 'Send request', from: 0, until: 50 },
      { name: 'Wait for response', from: 20, until: 20 },
      { name: 'Receive response', from: 20, until: 60 },
    ]);
    expect(phases({ ...none, resolved_us: 66, request_end_us: 12 })).toEqual([
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
    };
    const upstream = { address: '', reused: false, tls_version: null, connection };
    const timings = { ...none, request_end_us: 1, response_start_us: 4, end_us: 5 };
    const ahead = timeline({ timings, upstream });
    expect(ahead.ahead).toBe(5);
    expect(phases(ahead.timings).map(({ name, until }) => [name, until])).toEqual([
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

test.each([
  ['', '', ''],
  ['a b', 'a b', ' a  b'],
  ['a te b', 'host a b', '+host  a -te  b'],
  ['a b', 'b a', '-a  b +a'],
  ['a', '', '-a'],
])('what turns %j into %j is %j', (received, sent, expected) => {
  const fields = (text: string) =>
    text
      .split(' ')
      .filter((name) => name !== '')
      .map((name) => [name, '1']);
  const signs = { none: ' ', removed: '-', added: '+' };
  const found = changes(fields(received), fields(sent)).map(({ name, change }) => signs[change] + name);
  expect(found.join(' ')).toBe(expected);
});
