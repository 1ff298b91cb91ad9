// The feature's door: others import from here and from nowhere else in the folder.

/** Fetches the panel of hosts and paths. */
export const loadTree = () => import('./TreePanel.svelte').then((module) => module.default);
