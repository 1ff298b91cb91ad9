import { describe, expect, it, test } from 'vitest';
import * as counts from '../texts/counts';
import { contentType, looksLikeJson, shortType } from './media';
import { outcome, where } from './outcome';
import { count, parseSize, size } from './size';
import { between, clock, duration, moment, parseSpan } from './time';

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
  expect(counts.exchanges(1)).toBe('1 exchange');
  expect(counts.exchanges(0)).toBe('0 exchanges');
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

test.each([
  ['500MB', 500_000_000],
  ['1.5 GiB', 1_610_612_736],
  ['4096', 4096],
  ['64kib', 65_536],
  ['7b', 7],
  ['MB', null],
  ['1x', null],
  ['', null],
])('“%s” are %s bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));

test.each([
  ['90s', 90],
  ['10m', 600],
  ['10 min', 600],
  ['1h 30m', 5400],
  ['1h30m', 5400],
  ['2d', 172_800],
  ['10', null],
  ['m', null],
  ['1h x', null],
  ['', null],
])('“%s” are %s seconds', (text, seconds) => expect(parseSpan(text)).toBe(seconds));
