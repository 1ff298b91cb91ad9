// The feature's door: others import from here and from nowhere else in the folder.
export { default as Marked } from './Marked.svelte';
export { default as OffBanner } from './OffBanner.svelte';
export { default as Plain } from './Plain.svelte';
export { default as RedactButton } from './RedactButton.svelte';
export { default as RedactionBadge } from './RedactionBadge.svelte';
export { default as RedactionFact } from './RedactionFact.svelte';
export { default as RedactionPanels } from './RedactionPanels.svelte';
export { redactedPlace } from './words';
