// The names of what can be done from the keyboard, as the palette and the list of keys have them.
export const filter = 'Go to the filter';
export const language = 'Explain the filter language';
export const keys = 'Show all keys';
export const palette = 'Find a command';
export const presets = 'Saved and recent filters';
export const values = 'Filter by a value of the open exchange';
export const histogram = 'Show or hide exchanges over time';
export const facets = 'Show or hide the most frequent values';
export const tree = 'Show or hide the tree of hosts and paths';
export const connections = 'Show or hide failed and tunnelled connections in the list';
export const next = 'Next exchange';
export const previous = 'Previous exchange';
export const pageDown = '20 exchanges down';
export const pageUp = '20 exchanges up';
export const newest = 'Newest exchange';
export const oldest = 'Oldest exchange';
export const goTo = 'Go to a time';
export const choose = 'Select or deselect the open exchange';
export const pin = 'Pin the open exchange, or unpin it';
export const connect = 'Connect a client';
export const layout = 'Show the open exchange beside the list, below it, or in its place';
export const findInBody = 'Search the open body';
export const nextPart = 'Next part of the open exchange';
export const previousPart = 'Previous part of the open exchange';
export const compose = 'New request…';
export const edit = 'Edit the open request and send it';
export const repeat = 'Send the open request several times…';
export const compare = 'Compare the open replay with its original';
export const keep = 'Keep the open exchange to compare another with it, or let it go';
export const compareKept = 'Compare the open exchange with the one that is kept, or is open behind the file';
export const openHar = 'Open a HAR file…';
export const close = 'Close the open exchange or connection';

// Keys, where their names are not those on the keyboard.
export const pageDownKey = 'Page ↓';
export const pageUpKey = 'Page ↑';
