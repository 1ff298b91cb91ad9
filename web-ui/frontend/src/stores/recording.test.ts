import { expect, test } from 'vitest';

import type { Status } from '../api/types';
import { Caller } from './caller.svelte';
import { Notices } from './notices.svelte';
import { Recording } from './recording.svelte';

function upgraded(backfills: Status['backfills']): number | null {
  const recording = new Recording(new Notices(), new Caller());
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

test('nothing can be changed where the recording is only looked at, or the role does not allow it', () => {
  const caller = new Caller();
  const recording = new Recording(new Notices(), caller);
  expect(recording.readOnly).toBe(false);
  caller.known = { role: 'viewer', via: 'page', token: 'ci', expires_at: null };
  expect([recording.readOnly, recording.lookedAt]).toEqual([true, false]);
  caller.known = { ...caller.known, role: 'operator' };
  expect(recording.readOnly).toBe(false);
  recording.status = { read_only: true } as Status;
  expect([recording.readOnly, recording.lookedAt]).toEqual([true, true]);
});
