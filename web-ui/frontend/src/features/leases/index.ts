// The feature's door: others import from here and from nowhere else in the folder.
export { default as EndedLeases } from './EndedLeases.svelte';
export { default as LeaseForm } from './LeaseForm.svelte';
export { default as LeaseRow } from './LeaseRow.svelte';
export { default as LeaseStrip } from './LeaseStrip.svelte';
