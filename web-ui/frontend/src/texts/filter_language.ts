// The filter language: in ten lines, and as a whole.

// The language in ten lines; a click on an example tries it.
export const theLanguage = 'The filter language';
export const tryIt = 'Try it';
export const wholeLanguage = 'The whole language…';

// The meanings of the examples in `features/filter/help.ts`.
export const words = 'words in method, URL, status and type';
export const fieldValue = 'a field’s value; * stands for anything';
export const lists = 'classes, ranges, lists';
export const comparisons = 'comparisons, with units';
export const allButThese = 'all but these';
export const orAndAnd = 'or; beside each other means and';
export const hasHeader = 'has the header, the cookie';
export const inBodies = 'text and JSON in bodies';
export const whenItBegan = 'when it began';
export const expressions = 'expressions; mitmproxy’s operators';
