// The feature's door: others import from here and from nowhere else in the folder.

/** Fetches the panel of the most frequent values. */
export const loadFacets = () => import('./FacetPanel.svelte').then((module) => module.default);
