// Leases: more is recorded for a while.
import * as counts from './counts';

// The leases that ended last, and why they did.
export const endedTitle = 'Ended';
export const everything = 'everything';

// Begins a lease: a sentence to fill in.
export const record = 'Record';
export const forTime = 'for';
export const exampleTime = '10m';
export const atMost = 'at most';
export const exampleSize = '500MB, or no limit';
export const exchangesAtMost = 'exchanges at most';
export const exampleCount = '10000, or no limit';
export const where = 'where';
export const emptyIsEverything = 'empty: everything';
export const exchangesToRecord = 'Exchanges to record';
export const exampleMatch = 'host:pay.example status:5xx';
export const because = 'because';
export const exampleReason = 'INC-123: the reason, for the history';
export const goesOnAfterRestart = 'Goes on after a restart of dashcam, with what is left of it';

// A lease that is in force: what it records, for how long still, what it has used, and the ways to change that.
export const left = 'left';
export const tenMinutesMore = '+ 10 min';
export const end = 'End';

// Below the top bar: the leases that are in force, at a glance.
export const leases = 'Leases';

// What is wrong with the form.
export const needsBound = 'A lease ends by itself: give it a time, bytes or exchanges.';
export const timeSuchAs = 'Such as 90s, 10m or 2h.';
export const sizeSuchAs = 'Such as 500MB or 1GiB.';
export const wholeNumber = 'A whole number.';

// How much of a lease is used, and where it comes from.
export const exchangesOf = (used: number, most: number) => `${counts.count(used)} of ${counts.exchanges(most)}`;
export const bytesOf = (used: string, most: string) => `${used} of ${most}`;
export const fromAddress = (address: string) => `from ${address}`;
export const inSession = (id: string) => `session ${id}`;
export const noEnd = 'no end';
export const begunBy = (names: string) => `By ${names}`;
export const noReason = 'no reason given';
export const outlastsRestart = 'goes on after a restart';
export const endsWithRestart = 'ends with a restart';
export const since = (time: string, who: string) => `since ${time} by ${who}`;
export const ends = {
  time: 'its time was up',
  bytes: 'its bytes were used up',
  count: 'its exchanges were used up',
  ended: 'somebody ended it',
  restart: 'dashcam was restarted',
};
