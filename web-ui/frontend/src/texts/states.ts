// The state of what is asked for, in many places.

export const loading = 'Loading…';
export const counting = 'Counting…';
export const noExchangeMatches = 'No exchange matches.';
