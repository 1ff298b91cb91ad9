// The feature's door: others import from here and from nowhere else in the folder.

/** Fetches the histogram above the list. */
export const loadHistogram = () => import('./Histogram.svelte').then((module) => module.default);
