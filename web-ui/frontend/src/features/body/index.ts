// The feature's door: others import from here and from nowhere else in the folder.
export { default as BodyView } from './BodyView.svelte';
export { default as JsonText } from './views/JsonText.svelte';
export { prettyJson } from './views/pretty';
