// The focus, where what had it is gone.
import { tick } from 'svelte';

/** Puts the focus on an element, if it is nowhere once the page has changed. */
export async function focusIfLost(find: () => HTMLElement | null): Promise<void> {
  await tick();
  if (document.activeElement === document.body) find()?.focus({ preventScroll: true });
}
