// Requests that are sent from here: the composer, repetitions, and curl commands.
import * as counts from './counts';

// The composer: a recorded request with edits, a new one, or that of a curl command.
export const newRequest = 'New request';
export const editAndReplay = 'Edit & replay';
export const editAndReplayExchange = (id: number) => `Edit and replay exchange ${id}`;
export const url = 'URL';
export const urlOrCurl = 'https://… or a curl command';
export const pasteCurl = 'Paste curl…';
export const keySends = 'Ctrl+Enter sends';
export const keySendsAndCompares = 'Ctrl+Enter sends, and shows what differs from the original';
export const sending = 'Sending…';

// A curl command, pasted to fill the form.
export const curlCommand = 'curl command';
export const fillForm = 'Fill the form';

// A request, sent several times: how often, how many at once, and what came of it.
export const repeat = 'Repeat';
export const repeatExchange = (id: number) => `Repeat exchange ${id}`;
export const times = 'Times';
export const atOnce = 'At once';
export const toAnotherHost = 'To another host';
export const cancelRest = 'Cancel the rest';
export const hostSuchAs = 'Give a host such as api.example.com:8443.';
export const mayChangeEachTime = (method: string) => `A ${method} may change something each time that it is sent.`;
export const doneOf = (done: number, all: number) => `${done} of ${counts.requests(all)}:`;
export const figures = (fastest: string, median: string, slow: string, slowest: string) =>
  `fastest ${fastest}, median ${median}, 95 % within ${slow}, slowest ${slowest}`;
export const theRequests = 'The requests';
export const number = 'No.';
export const outcomes = {
  waiting: 'waiting',
  sending: 'sending',
  done: 'done',
  failed: 'failed',
  left_out: 'left out',
};

// Headers and body of a request that is composed.
export const howHeadersAre = 'one “Name: value” a line, sent in this order; Content-Length follows the body by itself';
export const noJson = 'It is no well-formed JSON';
export const indentJson = 'Indent the JSON';
export const formatJson = 'Format JSON';

// Redacted values of a request: which of them dashcam puts back, and fields for the others.
export const putBack = (number: number) => `Put ${counts.sealedValues(number)} back`;
export const toOtherHost = 'Secrets go to another host:';
export const otherHostGetsSecrets = (host: string, other: string) =>
  `they were sent to ${host}, and would go to ${other}.`;
export const otherHostGetsPlaceholders = (host: string, other: string) =>
  `They were sent to ${host}: to ${other} only their placeholders go.`;
export const dashcamPutsIn =
  'dashcam puts them in when it sends the request; the audit log notes it. You don’t see them.';
export const onlyPlaceholders = 'Only their placeholders are sent.';
export const missingValues = 'Values that are not here any more';
export const emptyIsPlaceholder = 'what stays empty is sent as its placeholder';

// The body, as it was recorded.
export const bodyNotWhole = 'the recorded body is not whole: what stands here is sent in its place';
export const bodyNoText = (size: string) =>
  `${size} that can’t be edited as text: sent as recorded, unless you write another here`;
export const bodyWithoutCoding = (coding: string) =>
  `shown without its coding (${coding}); if you change it, it is sent without`;
export const bodyNotRead = (problem: string) => `The recorded body could not be read: ${problem}`;
