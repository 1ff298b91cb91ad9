// The feature's door: others import from here and from nowhere else in the folder.

/** Fetches the pane of the open exchange. */
export const loadDetailPane = async () => (await import('./DetailPane.svelte')).default;
