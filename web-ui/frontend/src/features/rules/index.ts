// The feature's door: others import from here and from nowhere else in the folder.
export { default as RuleView } from './RuleView.svelte';
export { default as TestDialog } from './TestDialog.svelte';
