// The labels of buttons that stand in many places.

export const add = 'Add';
export const cancel = 'Cancel';
export const clear = 'Clear';
export const close = 'Close';
/** Of a dialog or a pane, with the key that closes it. */
export const closeBy = (key: string) => `Close (${key})`;
/** With one that is kept, or open. */
export const compareWith = (exchange: string) => `Compare with ${exchange}`;
export const showDifferences = (key: string) => `Show the differences (${key})`;
export const copy = 'Copy';
export const download = 'Download';
export const edit = 'Edit';
export const keep = 'Keep';
export const redact = 'Redact…';
export const remove = 'Remove';
export const rename = 'Rename';
export const send = 'Send';
export const show = 'Show';
export const showMore = 'Show more';
export const tryAgain = 'Try again';
export const undo = 'Undo';

/** `delete` is a word of the language. */
export const deleteIt = 'Delete';
