// A body of any size, open in a worker: what others use of it.
export { OpenDocument } from './open_document.svelte';
export type { HexRows, JsonRow, Rows, State, TextRow } from './open_document.svelte';
export { isValue } from './open_document.svelte';
export { RowWindow } from './row_window.svelte';
