// The most frequent values, beside the list.

export const valueTitle = (name: string, number: string, all: string) =>
  `${name}: ${number} of ${all}. Click: only these; Alt: all but these`;
export const allBut = (name: string) => `All but ${name}`;
export const name = 'Facets';
export const of = (exchanges: string) => `of ${exchanges}`;
export const close = 'Close the facets';
export const closeBy = (key: string) => `Close the facets (${key})`;
export const notComplete = (newest: string) => `Not complete: of the newest ${newest} only.`;
export const none = '(none)';
export const others = (exchanges: string) => `${exchanges} with other values`;
export const aboutOthers = (exchanges: string) => `about ${exchanges} with other values`;
