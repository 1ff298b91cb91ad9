// The field for a filter, and the ways to fill it.

// What could stand in the filter; the field keeps the focus.
export const filters = 'Filters';
export const completions = 'Completions';
export const theOneBefore = 'the one before';
export const forgetKeys = 'Shift Del';
export const forgetsOne = 'forgets one';
export const clearRecent = 'Clear recent';
export const chooses = 'chooses';
export const tabKey = 'Tab';
export const takes = 'takes';
export const offerKeys = 'Ctrl Space';
export const showsAll = 'shows all';

// An error in the filter, under its place.
export const faultAt = (column: number, fault: string) => `Character ${column}: ${fault}.`;
export const faultAtExpecting = (column: number, fault: string, expected: string) =>
  `Character ${column}: ${fault}; expected ${expected}.`;
export const didYouMean = 'Did you mean';

// Two small buttons beside a value: only what has it, or all but that. They show where the pointer or the focus is.
export const filterBy = (name: string) => `Filter by ${name}`;
export const onlyThis = (name: string) => `Only this ${name}`;
export const onlyOrAllBut = (term: string) => `Only ${term} (Alt: all but it)`;
export const allButThis = (name: string) => `All but this ${name}`;
export const allBut = (term: string) => `All but ${term}`;

// The page's filter: a query that the list follows while it is typed.
export const filterExchanges = 'Filter exchanges';
export const fieldExample = 'Filter: words, or host:api.* status:5xx -path:/health dur:>1s body:"out of stock"';

// Below the field: the conditions of the filter, each to take out or to turn, and what they mean in words.
export const conditions = 'Conditions of the filter';
export const exclude = (term: string) => `Exclude ${term}`;
export const only = (term: string) => `Only ${term}`;
export const remove = (term: string) => `Remove ${term}`;

// At the field's end: clear it, filters that are kept, the language in short.
export const clear = 'Clear the filter';
export const presets = 'Presets and recent filters';
export const presetsBy = (key: string) => `${presets} (${key})`;
export const facets = 'Facets: the most frequent values';
export const facetsBy = (key: string) => `${facets} (${key})`;
export const tree = 'Tree of hosts and paths';
export const treeBy = (key: string) => `${tree} (${key})`;
export const explainLanguage = 'Explain the filter language';
export const explainLanguageBy = (key: string) => `${explainLanguage} (${key})`;

// The values of an exchange that people filter by: only what has one, or all but that.
export const filterByMore = 'Filter by…';
export const filterByValue = 'Filter by a value of this exchange';
export const filterByValueKey = (key: string) => `${filterByValue} (${key})`;
export const allButValue = (name: string, value: string) => `All but ${name} ${value}`;

// The behaviour of the filter's field: the offers below it, the keys, and how an offer is taken.
export const recent = 'Recent';
export const presetsTitle = 'Presets';

// Conditions of a filter that a value makes, and how they come into the filter.
export const trace = 'Trace';
