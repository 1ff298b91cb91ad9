// The feature's door: others import from here and from nowhere else in the folder.

/** Fetches the view of a HAR file. */
export const loadHarView = async () => (await import('./HarView.svelte')).default;
