import { expect, test } from 'vitest';
import { COMMANDS, keyOf } from './commands';

test('no two commands have a name or a key in common', () => {
  const keys: string[] = COMMANDS.flatMap((command) => [...command.keys]);
  expect(new Set(keys).size).toBe(keys.length);
  expect(new Set(COMMANDS.map(({ id }) => id)).size).toBe(COMMANDS.length);
});

test('keys are named as they are on the page', () => {
  expect([keyOf('pin'), keyOf('close'), keyOf('next'), keyOf('palette')]).toEqual(['p', 'Escape', '↓', 'Ctrl+K']);
});
