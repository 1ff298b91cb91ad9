// The feature's door: others import from here and from nowhere else in the folder.
export { isLost } from './lost';
export { hasSecrets } from './secrets';

/** Fetches the composer: a recorded request with edits, or a new one. */
export const loadComposer = async () => (await import('./Composer.svelte')).default;

/** Fetches the dialog that sends a request several times. */
export const loadRepeat = async () => (await import('./RepeatDialog.svelte')).default;
