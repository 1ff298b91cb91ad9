// The feature's door: others import from here and from nowhere else in the folder.
export { default as Connections } from './Connections.svelte';
export { default as Facts } from './Facts.svelte';
export { default as TimeLine } from './TimeLine.svelte';
