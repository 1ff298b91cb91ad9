// The list of exchanges.
import * as counts from './counts';

// The list, and what there is instead of it.
export const newestFirst = 'Exchanges, newest first';
export const sorted = 'Exchanges, sorted';
export const place = 'Place in the recording';
/** The button that shows what is new: above the list, or in its order. */
export const more = (exchanges: string) => `↑ ${exchanges} new`;
export const sortIn = (exchanges: string) => `Sort in ${exchanges} new`;
export const filterFault = 'The filter has an error.';
export const sorting = 'Sorting…';
export const loadingOlder = 'Loading older exchanges…';
export const firstOfOrder = (number: string) => `The first ${number} of this order.`;
export const lookedAtOnly = (exchanges: number) => `Only ${counts.exchanges(exchanges)} could be looked at in time.`;
export const oldest = 'These are the oldest.';
export const all = (number: string) => `That is all: ${number} shown.`;
export const connectionsBehind = 'Connections behind them are not shown.';
export const connectionsCut = (connections: number) =>
  `There are rows for the newest ${counts.connections(connections)} of this part only.`;
export const connectionsSortedIn = (connections: number) =>
  `There are rows for the newest ${counts.connections(connections)} only: older ones are not sorted in.`;
export const noConnectionsInPart =
  'None of the newest connections of this part failed or was tunnelled. Older ones were not looked at.';
export const noConnections = 'None of the newest connections failed or was tunnelled. Older ones were not looked at.';
export const searched = (percent: number, size: string, found: string) =>
  `Looked at ${percent} % (${size} of bodies): ${found} found.`;
export const damaged = (exchanges: number) => `The bodies of ${counts.exchanges(exchanges)} are damaged.`;
export const goOn = 'Go on';
export const stop = 'Stop';

// Nothing to show.
export const seen = 'We saw your first request. “Connect a client” in the top bar has the guide.';
export const nothingMatches = (filter: string) => `Nothing matches “${filter}”`;
export const newMatches = 'New exchanges that match appear here.';
export const clearFilter = 'Clear the filter';
export const none = 'No exchanges';
export const noneLookedAt = 'This recording is only looked at. What another dashcam records to it appears here.';
export const noneYet = 'Nothing is recorded yet. Exchanges appear here while they happen, once a client sends some.';
export const noneNow = 'New exchanges appear here while they happen.';

// Going to a place.
export const goTo = 'Go to';
export const goToField = 'A time, such as 20:41, or an exchange’s number';
export const goToFault = 'Write a time as 20:41 or 20:41:05, with a date before it if it was not today, or a number.';
export const go = 'Go';

// What is chosen.
export const chosen = 'Chosen exchanges';
export const chosenNumber = (exchanges: number) => `${counts.exchanges(exchanges)} chosen`;
export const unpin = 'Unpin';
export const pin = 'Pin';
export const tag = 'Tag…';
export const comment = 'Comment…';
export const replay = 'Replay';
export const compare = 'Compare';
export const copyUrls = 'Copy URLs';
export const copyCurl = 'Copy curl';
export const har = 'HAR';
export const ndjson = 'NDJSON';
export const onlyThese = 'Only these';
export const deleted = (exchanges: number) => `${counts.exchanges(exchanges)} deleted.`;
export const tagsField = 'Tags, with spaces between them';
export const commentField = 'Comment, in place of the one that is there';
export const tagsExample = 'tag another-tag';
export const addTags = 'Tag';

// The columns.
export const columns = 'Columns';
export const connectionRows = 'Rows for failed and tunnelled connections';
export const wideColumns = 'Wide columns need a wide list.';
export const reset = 'Reset';
export const operation = 'Operation';
export const replayOf = 'Replay of';
export const sent = 'Sent';
export const waterfall = 'Waterfall';

// Cells.
export const pinned = 'Pinned: the bounds of the recording leave it alone';
export const connection = (id: number) => `Connection ${id}`;
export const replayOfExchange = (id: number) => `A replay of exchange ${id}: open that`;
export const requestBytes = 'bytes of the request’s body';
export const bytesFromClient = 'bytes from the client';
export const responseBytes = 'bytes of the response’s body';
export const bytesToClient = 'bytes to the client';
export const waterfallFrom = (time: string) => `from ${time}, beside the other rows in sight`;

// Cells as conditions: the names of their values.
export const cellMenu = 'Filter by a value';
export const filterFor = 'Filter for';
export const filterOut = 'Filter out';
export const copyValue = (name: string) => `Copy the ${name}`;
export const valueMethod = 'method';
export const valueHost = 'host';
export const valuePath = 'path';
export const valueGrpc = 'gRPC status';
export const valueErrors = 'errors';
export const errorsInAnswer = (errors: number) => `${errors} in the answer`;
export const valueStatus = 'status';
export const valueFailure = 'failure';
export const valueOperation = 'operation';
export const valueClient = 'client';
export const valueTag = 'tag';
export const valueType = 'type';
export const valueProgram = 'program';
export const valueRule = 'rule';
export const clientOf = (program: string, client: string) => `${program} at ${client}`;
