// The feature's door: others import from here and from nowhere else in the folder.
export { default as BodyView } from './BodyView.svelte';
export { default as BodyViews } from './BodyViews.svelte';
export type { Subject } from './choices';
export { default as FieldTables } from './FieldTables.svelte';
