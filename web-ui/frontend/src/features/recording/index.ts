// The feature's door: others import from here and from nowhere else in the folder.
export { default as Banners } from './Banners.svelte';
export { default as LevelSwitch } from './LevelSwitch.svelte';
export { default as LiveBadge } from './LiveBadge.svelte';
export { default as RecordingButton } from './RecordingButton.svelte';
export { boundsText } from './bounds';
export { default as UnreadNote } from './UnreadNote.svelte';

/** Fetches the control of the recording. */
export const loadRecordingDialog = async () => (await import('./RecordingDialog.svelte')).default;
