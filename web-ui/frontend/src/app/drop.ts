// A file that is dropped on the page.
import type { Panels } from './panels.svelte';

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;

/** Lets files be dropped: a browser would leave the page for one. */
export function onDragOver(event: DragEvent): void {
  if (hasFiles(event)) event.preventDefault();
}

/** Opens the file that was dropped. */
export function onDrop(event: DragEvent, panels: Panels): void {
  if (!hasFiles(event)) return;
  event.preventDefault();
  panels.open(event.dataTransfer?.files[0]);
}
