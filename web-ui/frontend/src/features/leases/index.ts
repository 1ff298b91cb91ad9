// The feature's door: others import from here and from nowhere else in the folder.
export { default as LeaseRow } from './LeaseRow.svelte';
export { default as LeaseStrip } from './LeaseStrip.svelte';

/** Fetches the form that begins a lease. */
export const loadLeaseForm = async () => (await import('./LeaseForm.svelte')).default;

/** Fetches the list of leases that ended. */
export const loadEndedLeases = async () => (await import('./EndedLeases.svelte')).default;
