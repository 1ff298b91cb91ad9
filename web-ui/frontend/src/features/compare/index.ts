// The feature's door: others import from here and from nowhere else in the folder.

export { isSame, nameOf, type Chosen, type Side } from './side';

/** Fetches the view that compares two exchanges. */
export const loadCompareView = async () => (await import('./CompareView.svelte')).default;
