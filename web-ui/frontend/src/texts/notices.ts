// Notices at the page's edge: what was done, and what failed. Reasons follow those of failures.
import * as counts from './counts';

// Copies, and the session.
export const copied = (what: string) => `Copied ${what}.`;
export const notCopied = 'Not copied';
export const notCopiedOf = (what: string) => `Not copied: ${what}`;
export const notSignedOut = 'Not signed out';
export const keptToCompare = (name: string) =>
  `Open another exchange, of a file or recorded, to compare ${name} with it.`;

// Changes of exchanges, one or several: "12 exchanges pinned".
export const pinned = 'pinned';
export const unpinned = 'unpinned';
export const tagged = 'tagged';
export const commentedOn = 'commented on';
export const sentAgain = 'sent again';
export const writtenAsCurl = 'written as curl';
export const done = (number: number, all: number, change: string) =>
  number === all ? `${counts.exchanges(all)} ${change}` : `${number} of ${counts.exchanges(all)} ${change}`;
export const leftOut = (said: string, refused: number) =>
  `${said}; ${refused} refused ${counts.inflected(refused, 'one')} left out`;
export const failed = (said: string, errors: number) => `${said}; ${errors} failed`;
export const deleted = (exchanges: number) => `Deleted ${counts.exchanges(exchanges)}.`;
export const notDeleted = 'The exchanges were not deleted';
export const notPinned = (id: number) => `Exchange ${id} was not pinned`;
export const notUnpinned = (id: number) => `Exchange ${id} was not unpinned`;
export const sealGone = 'It can’t be shown any more: its seal has expired or was deleted, or its key is not here.';

// The recording, its connections, leases and rules.
export const notSwitched = (level: string) => `The recording was not switched to “${level}”`;
export const notClosed = 'The connections were not closed';
export const stillTunnelled = 'It is still tunnelled';
export const notLive =
  'The list is not live: dashcam has as many watchers as it takes. Close other tabs of this page; it is tried again.';
export const gap = (missing: string, reason: string) => `Not recorded: ${missing} (${reason}).`;
export const leaseNotExtended = 'It was not extended';
export const leaseGoesOn = 'It goes on';
export const rulesChangedElsewhere =
  'The rules were changed elsewhere meanwhile; this page shows them as they are now. Look at them, and do it once more.';
/** In the history of the rules. */
export const undone = (why: string) => `undone: ${why}`;

// Snapshots, and filters that are kept.
export const snapshotJoined = (name: string) => `${name} was being taken: it has this as well.`;
export const snapshotTaken = (name: string) => `${name} is being taken.`;
export const snapshotNotStored = (name: string) => `${name} was not stored`;
export const snapshotNotDeleted = (name: string) => `${name} was not deleted`;
export const presetExists = (name: string) =>
  `There is a preset “${name}” already: choose another name, or delete that one.`;
export const presetName = 'A preset’s name is 1 to 64 letters, digits, _ and -: choose another one.';

/** On a message: closes it. */
export const close = 'Close this message';
