import { expect, test } from 'vitest';
import type { Role } from '../api/types';
import { Caller, ROLES } from './caller.svelte';

function mays(role: Role | null): boolean[] {
  const caller = new Caller();
  caller.known = role === null ? null : { role, via: 'page', token: null, expires_at: null };
  return ROLES.map((needed) => caller.may(needed));
}

test('a role may what those before it may', () => {
  expect(mays('viewer-without-bodies')).toEqual([true, false, false, false]);
  expect(mays('viewer')).toEqual([true, true, false, false]);
  expect(mays('operator')).toEqual([true, true, true, false]);
  expect(mays('admin')).toEqual([true, true, true, true]);
});

test('until the role is known nothing is hidden', () => {
  expect(mays(null)).toEqual([true, true, true, true]);
});

test('what is hidden says which role it needs', () => {
  const caller = new Caller();
  caller.known = { role: 'viewer', via: 'page', token: 'ci', expires_at: null };
  expect(caller.why('A replay', 'operator')).toBe('A replay needs the role operator, and you have the role viewer.');
});
