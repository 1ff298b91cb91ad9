// The feature's door: others import from here and from nowhere else in the folder.
export { default as FailureAdvice } from './FailureAdvice.svelte';
export { default as FailureNote } from './FailureNote.svelte';
