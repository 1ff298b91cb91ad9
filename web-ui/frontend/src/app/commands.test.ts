import { expect, test } from 'vitest';
import type { App } from './app.svelte';
import { COMMANDS, keyOf, type Command } from './commands';

test('no two commands have a name or a key in common', () => {
  const keys: string[] = COMMANDS.flatMap((command) => [...command.keys]);
  expect(new Set(keys).size).toBe(keys.length);
  expect(new Set(COMMANDS.map(({ id }) => id)).size).toBe(COMMANDS.length);
});

test('keys are named as they are on the page', () => {
  expect([keyOf('pin'), keyOf('close'), keyOf('next'), keyOf('palette')]).toEqual(['p', 'Escape', '↓', 'Ctrl+K']);
});

/** Ids of the commands that are possible. */
function possible(view: string, har: File | null = null): string[] {
  const exchange = { id: 7, state: 'complete', replay_of: 3 };
  const app = {
    place: { view, exchange: 7 },
    selected: 7,
    comparisons: { subject: null, counterpart: null },
    panels: { har, comparing: null },
    detail: { exchange },
    recording: { readOnly: false, lookedAt: false },
  } as unknown as App;
  const commands: readonly Command[] = COMMANDS.filter(({ id }) => id !== 'find-in-body');
  return commands.filter(({ when }) => when?.(app) !== false).map(({ id }) => id);
}

test('what acts on the open exchange needs it in sight', () => {
  const about = [
    'pin',
    'edit',
    'repeat',
    'layout',
    'next-part',
    'previous-part',
    'compare',
    'values',
    'choose',
    'close',
  ];
  const of = (ids: string[]) => about.filter((id) => ids.includes(id));
  expect(of(possible('exchanges'))).toEqual(about);
  expect(of(possible('rules'))).toEqual([]);
  expect(of(possible('dashboard'))).toEqual([]);
  expect(of(possible('compare'))).toEqual(['close']);
  expect(of(possible('exchanges', {} as File))).toEqual([]);
  expect([possible('rules').includes('new'), possible('rules', {} as File).includes('new')]).toEqual([true, false]);
});
