import { expect, test } from 'vitest';
import type { Flight } from '../../api/types';
import { lastText, ringFaults, ringText, standing, triggerText } from './words';

const NOW = Date.parse('2026-11-22T15:00:00Z');
const flight = (more: Partial<Flight> = {}) =>
  ({
    min_age_us: 60_000_000,
    max_bytes: 1 << 28,
    covers_from: '2026-11-22T14:58:30Z',
    exchanges: 1,
    bytes: 2048,
    lost: 0,
    squeezed: 0,
    last_at: null,
    last_trigger: null,
    ...more,
  }) as Flight;

test.each([
  ['writing', false, 'being stored'],
  ['recovered', false, 'left by a killed run, not stored'],
  ['stored', true, 'complete'],
  ['stored', false, 'not complete'],
] as const)('%s %s', (state, complete, words) => expect(standing({ state, complete }).words).toBe(words));

test('what set it off is said in words, and a filter for itself', () => {
  expect(triggerText('signal')).toBe('asked for by a signal');
  expect(triggerText('status:5xx')).toBe('an exchange matched status:5xx');
});

test('the ring says how far back it goes, and what went wrong', () => {
  expect(ringText(flight(), NOW)).toBe('It holds the last 1 min: 1 exchange, 2.0 KiB of 256 MiB.');
  expect(ringFaults(flight())).toEqual([]);
  expect(ringFaults(flight({ lost: 2, squeezed: 3 }))).toEqual([
    '2 exchanges did not fit into it, or could not be written.',
    '3 times it forgot what was not yet 1 min old: it is too small; choose a larger --flight.',
  ]);
});

test('the last snapshot is named with its cause', () => {
  expect(lastText(flight())).toBe('');
  expect(lastText(flight({ last_at: '2026-11-22T14:59:00Z', last_trigger: 'latency' }))).toMatch(
    /^The last snapshot was set off at \d\d:59:00 \(slow responses\)\.$/,
  );
});
