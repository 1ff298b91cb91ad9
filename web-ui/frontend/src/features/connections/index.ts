// The feature's door: others import from here and from nowhere else in the folder.
export { default as ConnectionList } from './ConnectionList.svelte';
export { default as ConnectionPane } from './ConnectionPane.svelte';
