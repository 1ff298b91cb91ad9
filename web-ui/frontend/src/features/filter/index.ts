// The feature's door: others import from here and from nowhere else in the folder.
export { default as FilterBy } from './FilterBy.svelte';
export { default as FilterField } from './FilterField.svelte';
export { default as FilterInput } from './FilterInput.svelte';
export { default as FilterPanels } from './FilterPanels.svelte';
export const loadFilterMeaning = () => import('./FilterMeaning.svelte').then((module) => module.default);
export { default as ValuesMenu } from './ValuesMenu.svelte';
export { WrittenFilter } from './written.svelte';
export { hasRange, withoutRange, withRange } from './range';
export {
  clientTerm,
  connectionTerm,
  exactTerm,
  foldedPathTerm,
  headerTerm,
  isAbout,
  jsonTerm,
  pathTerm,
  sameValueTerm,
  standing,
  statusTerm,
  subtreeTerm,
  toggled,
  traceOf,
  typeTerm,
  withoutTerms,
} from './terms';
