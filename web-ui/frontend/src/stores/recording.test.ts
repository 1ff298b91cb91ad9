import { expect, test } from 'vitest';

import type { Status } from '../api/types';
import { Notices } from './notices.svelte';
import { Recording } from './recording.svelte';

function upgraded(backfills: Status['backfills']): number | null {
  const recording = new Recording(new Notices());
  recording.status = { backfills } as Status;
  return recording.upgraded;
}

test('an older recording says how far it is brought up to date', () => {
  const of = (name: string, done: number, total: number) => ({ name, done, total, held_up: null });
  expect(upgraded([])).toBeNull();
  expect(upgraded([of('holders', 0, 0)])).toBe(0);
  expect(upgraded([of('holders', 50, 100), of('segments', 1, 100)])).toBe(25);
  expect(upgraded([of('segments', 999, 1000)])).toBe(99);
});
