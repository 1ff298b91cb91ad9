// Filters that are kept under a name, and recent ones.

// Keeps a filter under a name.
export const filter = 'Filter';
export const replace = 'Replace';
export const kept = 'Kept:';
export const presetNamed = (name: string) => `preset:${name}`;
export const standsForIt = 'stands for it.';

// Filters that are kept under a name, and recent ones.
export const title = 'Presets and recent filters';
export const presets = 'Presets';
export const inRecording = 'in the recording;';
export const presetTerm = 'preset:NAME';
export const standsForOne = 'stands for one in any filter';
export const noneKept = 'None is kept.';
export const noneKeptYet = 'None is kept yet.';
export const recent = 'Recent';
export const inThisBrowser = 'in this browser only';
export const noneRecent = 'None.';

// A filter that is kept: use it, edit it, give it another name, delete it.
export const newNameOf = (name: string) => `New name of ${name}`;
export const askToDelete = 'Delete';
export const presetsNeedIt = (names: string) => `${names} can’t be read without it.`;
export const filterByPreset = (name: string) => `Filter by preset:${name}`;
export const putIntoField = 'Put its text into the field';

// A filter that was used of late.
export const forget = (filter: string) => `Forget ${filter}`;
export const forgetIt = 'Forget it';
