// The feature's door: others import from here and from nowhere else in the folder.
export { default as StatusLine } from './StatusLine.svelte';
