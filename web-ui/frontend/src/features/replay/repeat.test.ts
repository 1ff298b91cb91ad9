import { expect, test } from 'vitest';
import { figuresOf, withHost, type Sent } from './repeat';

const sent = (status: number | null, duration: number | null, outcome: Sent['outcome'] = 'done'): Sent => ({
  number: 1,
  outcome,
  id: 1,
  status,
  duration,
  size: 0,
  error: null,
});

test('figures are of those that have ended', () => {
  const durations = Array.from({ length: 100 }, (_, at) => sent(at < 90 ? 200 : 503, 100 - at));
  const all = [...durations, sent(null, null, 'failed'), sent(null, null, 'waiting')];
  expect(figuresOf(all)).toEqual({
    done: 101,
    statuses: [
      ['200', 90],
      ['503', 10],
      ['failed', 1],
    ],
    fastest: 1,
    median: 50,
    slow: 95,
    slowest: 100,
  });
  expect(figuresOf([]).median).toBeNull();
});

test.each([
  ['', 'https://a:1/x?y'],
  ['b', 'https://b/x?y'],
  ['b.example:8443', 'https://b.example:8443/x?y'],
  ['http://b/', 'http://b/x?y'],
  ['b/c', null],
  ['ftp://b', null],
  ['b c', null],
])('to the host %j: %s', (host, expected) => expect(withHost('https://a:1/x?y', host)).toBe(expected));
