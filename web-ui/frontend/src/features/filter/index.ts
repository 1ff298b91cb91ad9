// The feature's door: others import from here and from nowhere else in the folder.
export { default as FilterBy } from './FilterBy.svelte';
export { default as FilterField } from './FilterField.svelte';
export { default as FilterInput } from './FilterInput.svelte';
export { default as FilterPanels } from './FilterPanels.svelte';
export { default as ValuesMenu } from './ValuesMenu.svelte';
export { WrittenFilter } from './written.svelte';
export {
  clientTerm,
  connectionTerm,
  exactTerm,
  headerTerm,
  pathTerm,
  sameValueTerm,
  statusTerm,
  traceOf,
} from './terms';
