import { expect, test } from 'vitest';
import type { Level, SettingsChange } from '../api/types';
import { levelSince } from './history.svelte';

const change = (at: string, from: Level | null, to: Level) =>
  ({ at, from: from === null ? null : { level: from }, to: { level: to } }) as SettingsChange;

test('the level is as it is since it was another', () => {
  const changes = [change('4', 'full', 'full'), change('3', 'off', 'full'), change('2', 'full', 'off')];
  expect(levelSince(changes)?.at).toBe('3');
});

test('the first change ever set it', () => {
  expect(levelSince([change('2', 'full', 'full'), change('1', null, 'full')])?.at).toBe('1');
});

test('it may have been so before all changes that are known', () => {
  expect(levelSince([change('2', 'full', 'full')])).toBe(null);
  expect(levelSince([])).toBe(null);
});
