// The messages of an exchange: the table, and one of them.

export const compressed = (coding: string) =>
  `Compressed (${coding}), and kept as it passed: to inflate it would have taken too much.`;
export const withheld = 'Withheld: redaction could not read it, so nothing of it is stored.';
export const redacted = 'Decoded and redacted: the size is that of what passed.';
export const truncated = (stored: string, passed: string) => `Truncated: the first ${stored} of ${passed} are stored.`;
export const filter = 'Filter messages';
export const direction = 'Direction';
export const bothWays = 'Both ways';
export const fromClient = '↑ From the client';
export const toClient = '↓ To the client';
export const kind = 'Kind';
export const allKinds = 'All kinds';
export const shownOf = (shown: string, all: string) => `${shown} of ${all}`;
export const followTitle = 'Go on to the last message as it comes';
export const follow = 'Follow';
export const close = 'Close the message';
export const webSocket = 'WebSocket';
export const passed = (size: string) => `${size} passed`;
export const show = 'Show messages';
export const size = 'Size of the messages';
export const cutByBody = 'The body ends before this message does.';
export const pieces = 'Pieces of a language model’s answer.';
export const showJoined = 'Show it joined';
export const fromClientTip = 'from the client';
export const toClientTip = 'to the client';
export const offset = 'Offset';
export const message = 'Message';

/** Before the bytes of a message that were not inflated. */
export const notInflated = (coding: string) => `compressed (${coding}), not inflated:`;
/** Before a message of which the body has only a part. */
export const cutOff = 'cut off:';
export const clientIncomplete =
  'Not all that the client sent is here: some of it could not be read as messages, or was not kept.';
export const serverIncomplete =
  'Not all that the server sent is here: some of it could not be read as messages, or was not kept.';
