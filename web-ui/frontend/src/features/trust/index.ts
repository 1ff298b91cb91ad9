// The feature's door: how clients and systems learn to trust dashcam's certificate.
export { default as CertificateSteps } from './CertificateSteps.svelte';
export { default as ClientSteps } from './ClientSteps.svelte';
export { default as Steps } from './Steps.svelte';
export { distrusts } from './distrust';
export type { Step } from './step';
