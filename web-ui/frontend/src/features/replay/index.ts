// The feature's door: others import from here and from nowhere else in the folder.
export { default as EditReplay } from './EditReplay.svelte';
export { isLost } from './form.svelte';
export { hasSecrets } from './secrets';
