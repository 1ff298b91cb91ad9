// The keyboard: which command a key asks for.
import type { App } from './app.svelte';
import { COMMANDS, type Command } from './commands';

/** Acts on a key pressed anywhere on the page. */
export function onKey(event: KeyboardEvent, app: App): void {
  if (event.altKey || event.defaultPrevented) return;
  const isMod = event.ctrlKey || event.metaKey;
  const target = event.target instanceof Element ? event.target : null;
  // A dialog closes itself.
  if (target?.closest('dialog') != null) return;
  const typing = target?.closest('input, textarea, select') ?? null;
  if (typing !== null && !isMod) {
    if (event.key === 'Escape' && typing instanceof HTMLElement) typing.blur();
    return;
  }
  const command = commandFor(isMod ? `Mod+${event.key.toLowerCase()}` : event.key);
  if (command === undefined || command.when?.(app) === false) return;
  // A widget that can be moved has the keys that move for itself.
  const moves = !isMod && event.key.length > 1 && event.key !== 'Escape';
  if (moves && target?.closest('[data-own-keys]') != null) return;
  event.preventDefault();
  command.run(app);
}

function commandFor(key: string): Command | undefined {
  const commands: readonly Command[] = COMMANDS;
  return commands.find(({ keys }) => keys.includes(key));
}
