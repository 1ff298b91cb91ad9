// Failed exchanges and connections: how, and what to do.

export const copied = 'the command';
export const refused = (reason: string) => `⊘ Refused by dashcam: ${reason}`;
export const noReason = 'no reason is known';
export const refusedMore = 'No upstream heard of it. What is shown of the request is as much as could be read.';
export const aborted = 'Aborted:';
export const abortedMore = 'the client went away before the end.';
export const interrupted = 'Interrupted:';
export const interruptedMore =
  'dashcam ended before the exchange did, or had no room for the rest of it; what is here is what was stored until then.';
export const byDashcam = 'dashcam refused this itself: the message says what was asked and why it is not possible.';
export const byClient =
  'The client went away or sent what is no valid HTTP. Look at the client; the upstream was not at fault.';
export const clientPins =
  'A client that pins its certificates can’t be told. dashcam tunnels it unread after some refusals; for good it does with:';
export const clientRejects =
  'The message says what the client did not accept. Where it can’t be mended, dashcam can tunnel the host unread:';
export const nameUnresolved = 'The name could not be resolved on the machine where dashcam runs. Try it there:';
export const notConnected = (host: string) =>
  `No connection to ${host} came about: is it up, and may the machine where dashcam runs reach it?`;
export const upstreamTls =
  'The upstream’s certificate or TLS version was not accepted. For a private authority give its root to dashcam; only to try something out, switch the check off:';
export const byUpstream = 'The upstream broke off, or sent what is no valid HTTP. Its own logs should know more.';
export const abortedAt = (place: string) => `Aborted: ${place}`;
export const failedAt = (place: string) => `Failed: ${place}`;
