// The audit log.
import * as counts from './counts';

// The entries of the audit log, the latest first.
export const session = (id: string) => `session ${id}`;
export const latestFirst = 'The audit log, the latest first';
export const when = 'When';
export const who = 'Who';
export const did = 'Did';
export const facts = 'Facts';
export const loadMore = 'Load more';
export const nothingYet = 'There is nothing in the log yet.';
export const nothingMatches = 'There is nothing in the log that matches.';

// The audit log, for those who may see it.
export const theAuditLog = 'The audit log';
export const whatIsLogged = 'Reads, exports, replays and deletes over the page and the API, and changes of tokens.';
export const what = 'What';
export const everything = 'everything';
export const entriesLost = (number: number) =>
  `${counts.entries(number)} could not be written, because the disk did not take them.`;

// Entries: what was done, and to how many.
export const actions = {
  read: 'Read',
  export: 'Exported',
  replay: 'Replayed',
  send: 'Sent',
  unseal: 'Unsealed',
  redact: 'Redacted',
  scrub: 'Cleaned',
  seal: 'Seals deleted',
  delete: 'Deleted',
  token: 'Token',
  lost: 'Lost',
};
