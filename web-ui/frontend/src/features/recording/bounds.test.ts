import { expect, test } from 'vitest';
import type { Retention } from '../../api/types';
import { boundsText } from './bounds';

const NOW = Date.parse('2026-11-23T15:04:05Z');
const none: Retention = {
  max_size: null,
  max_age_us: null,
  max_exchanges: null,
  used: 2048,
  deleted: 1,
  pinned: 0,
  oldest_at: null,
  crowded: false,
};

test('no bounds', () => {
  expect(boundsText(none, NOW)).toBe(
    'Kept without bounds.\n2.0 KiB in use, 1 exchange deleted by the bounds since dashcam started, 0 pinned.',
  );
});

test('all bounds, and pins that leave no room', () => {
  const all = {
    ...none,
    max_size: 10 * 2 ** 30,
    max_age_us: 30 * 86_400e6,
    max_exchanges: 5,
    oldest_at: '2026-11-22T12:04:05.000000Z',
    crowded: true,
  };
  const [bounds, , oldest, crowded] = boundsText(all, NOW).split('\n');
  expect(bounds).toBe('Kept at the most: 10.0 GiB, 30 d, 5 exchanges.');
  expect(oldest).toBe('The oldest exchange is 1 d 3 h old.');
  expect(crowded).toContain('--max-size');
});
