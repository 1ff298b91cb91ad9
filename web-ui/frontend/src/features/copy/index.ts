// The feature's door: others import from here and from nowhere else in the folder.
export { snippets } from './formats';

/** Fetches the menu of what can be copied of an exchange. */
export const loadCopyMenu = async () => (await import('./CopyMenu.svelte')).default;
