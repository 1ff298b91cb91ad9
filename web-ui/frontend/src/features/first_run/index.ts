// The feature's door: how a first client is connected. Its parts are fetched when they are needed.
export { default as ConnectButton } from './ConnectButton.svelte';

/** Fetches the guide itself, for the empty list. */
export const loadGuide = () => import('./Guide.svelte').then((module) => module.default);

/** Fetches the guide in a dialog. */
export const loadGuideDialog = () => import('./GuideDialog.svelte').then((module) => module.default);
