// The open exchange.
import * as counts from './counts';

// The head, and what can be done.
export const sentBy = (program: string, pid: number, service: string | null | undefined) =>
  `by ${program} (${pid})${service == null ? '' : ` in ${service}`}`;
export const replayOf = '↻ replay of';
export const notSentAgain = (id: number) => `Exchange ${id} was not sent again`;
export const replayTitle = 'Send the request again as it was';
export const replay = '↻ Replay';
export const editTitle = (key: string) => `Edit the request and send it (${key})`;
export const editAndReplay = 'Edit & replay…';
export const repeatTitle = 'Send the request several times, one after the other or at once';
export const repeat = 'Repeat…';
export const compareWithOriginal = 'Compare with original';
export const copyAsTitle = 'Copy the request, the response or a link';
export const copyAs = 'Copy as…';
export const harTitle = 'Save this exchange as a HAR file';
export const har = 'HAR';
export const unpinTitle = (key: string) => `Leave this exchange to the bounds of the recording again (${key})`;
export const pinTitle = (key: string) => `Keep this exchange whatever the bounds of the recording are (${key})`;
export const pinned = '★ Pinned';
export const pin = '☆ Pin';
export const deleteTitle = 'Delete this exchange from the recording';
export const byRule = 'by rule';
export const rule = 'rule';
export const keptUntil = (time: string) => `kept until ${time}`;
export const tryRulesTitle = 'What each rule, as it is now, says about this exchange';
export const tryRules = 'Try rules';
export const inSnapshots = (snapshots: number) => `in the ${counts.inflected(snapshots, 'snapshot')}`;
export const snapshotTitle = 'Show all exchanges of this snapshot';

// The pane, and its parts.
export const notShown = (reason: string) => `This part could not be shown: ${reason}`;
export const loading = (id: number | null) => `Loading exchange ${id ?? ''}…`;
export const parts = 'Parts of the exchange';
export const requestAndResponse = 'Request & response';
export const sideBySideTitle = 'Show request and response side by side';
export const sideBySide = 'Side by side';
export const overview = 'Overview';
export const messagesOf = (number: string) => `Messages ${number}`;
export const raw = 'Raw';
export const layout = 'Where the exchange is shown';
export const beside = 'Beside the list';
export const below = 'Below the list';
export const inPlace = 'In place of the list';
export const layoutBy = (way: string, key: string) => `${way} (${key} goes to the next)`;

// Its note.
export const noteNotChanged = 'The note was not changed';
export const note = 'Note';
export const notePlaceholder = 'A comment; it is kept when you leave the field';
export const removeTag = (tag: string) => `Remove the tag ${tag}`;
export const tag = (tag: string) => `tag ${tag}`;
export const tagsToAdd = 'Tags to add';
export const addTags = 'Add tags';

// The overview.
export const passed = (fields: number, size: string, stored: string | null) =>
  `${fields} header fields, a body of ${size}${stored === null ? '' : `, ${stored} stored`}`;
export const redacted = 'Redacted';
export const bySet = (values: number, set: string) => `${values}, by the set ${set}`;
export const inThe = (place: string) => `in the ${place}`;
export const address = 'address';
export const requestHeader = (name: string) => `request header ${name}`;
export const responseHeader = (name: string) => `response header ${name}`;
export const moreRedacted = (values: number) => `${counts.values(values)} in bodies and messages`;
export const replays = 'Replays';
export const showReplays = 'Show them in the list';
export const repeats = 'It repeats';

// Heads.
export const trailers = 'Trailers';
export const unknownField = 'Not one of the common fields.';
/** Names of copies. */
export const requestHead = 'the request’s head';
export const responseHead = 'the response’s head';
export const copyValue = 'Copy the value';
export const received = 'received, and not passed on';
export const added = 'not received, added on the way';
export const explain = 'Explain this field';
export const changes = 'Changes';
export const asReceived = 'As received';
export const asSent = 'As sent';
export const which = (headers: string) => `Which ${headers}`;
export const search = 'Search';
export const searchIn = (headers: string) => `Search the ${headers}`;
export const query = 'Query';
export const path = 'path';
export const authority = (name: string) => `authority ${name}`;
export const interim = '(interim)';
export const status = 'status';
export const waiting = 'Waiting for the response…';
export const noResponse = 'No response came.';
export const ownAnswer = 'This is what dashcam answered itself:';
export const passedOn = '↳ passed on';
export const as = 'as';
export const withAuthority = 'with :authority';
export const queryParameter = 'a query parameter';
