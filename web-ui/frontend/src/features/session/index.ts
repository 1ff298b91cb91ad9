// The feature's door: others import from here and from nowhere else in the folder.
export { default as PageLinks } from './PageLinks.svelte';
export { default as RoleBadge } from './RoleBadge.svelte';
