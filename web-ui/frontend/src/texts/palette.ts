// The command palette, and the list of keys.
export const keys = 'Keys';
export const commands = 'Commands';
export const field = 'Find a command, a view, a filter or an exchange';
export const placeholder = 'A command, a view, a filter, or the number of an exchange';
export const found = 'Found';
export const noResults = (typed: string) => `No results for “${typed}”.`;
export const goToExchange = (id: number) => `Go to exchange ${id}`;
export const compareExchanges = (open: number, id: number) => `Compare exchange ${open} with ${id}`;
export const compareWith = (open: string, id: number) => `Compare ${open} with ${id}`;
export const groupCommand = 'Command';
export const groupView = 'View';
export const groupPreset = 'Kept filter';
export const copyAs = (title: string) => `Copy as ${title}`;
export const copyHar = 'Copy as HAR';
export const copyLink = 'Copy a link';
export const copyResponseBody = 'Copy the response body';
