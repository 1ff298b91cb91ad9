// The feature's door: others import from here and from nowhere else in the folder.
export { default as LevelBadge } from './LevelBadge.svelte';
export { LEVELS } from './levels';
