// Snapshots, and the flight recorder that they come from.
import * as counts from './counts';

// The flight recorder: how far back it goes, how full it is, and a snapshot of it.
export const flightRecorder = 'Flight recorder';
export const howFull = 'How full the ring is';
export const beingTaken = 'is being taken.';
export const takeSnapshot = 'Take a snapshot…';
export const noFlightRecorder = 'There is no flight recorder: with';
export const flightOption = '--flight 60s,256MB';
export const howFlightHelps =
  'dashcam holds the last minute of what the rules do not keep, and writes it down when something happens.';

// One snapshot: what it covers, whether all of it is there, and the ways to use it.
export const takenBy = (who: string) => `by ${who}`;

// The snapshots, and the flight recorder that they come from.
export const leftByKilledRun =
  'A killed run has left what its flight recorder held: store it to look at it, or delete it.';
export const latestFirst = 'Snapshots, the latest first';
export const noneYet = 'No snapshot was taken yet.';
export const askToDelete = (name: string) => `Delete the snapshot ${name}?`;
export const goneForGood = (number: number) =>
  `What the killed run has left of ${counts.exchanges(number)} is gone for good.`;
export const deletedWithIt = (number: number) =>
  `Its ${counts.exchanges(number)} are deleted with it, for good, but for those that you have pinned or that belong to another one.`;

// What can be done with a snapshot: open, export and delete a stored one; store what a killed run has left.
export const storeNamed = (name: string) => `Store ${name}`;
export const store = 'Store';
export const openNamed = (name: string) => `Open ${name}`;
export const open = 'Open';
export const asHarNamed = (name: string) => `${name} as HAR`;
export const asHar = 'Its exchanges as HAR 1.2';
export const har = 'HAR';
export const deleteNamed = (name: string) => `Delete ${name}`;
export const askAndDelete = 'Delete…';

// Takes a snapshot, with the reason.
export const takeTitle = 'Take a snapshot';
export const whatIsTaken =
  'All that the flight recorder holds, and the seconds that follow, are stored and pinned. If one is being taken, this joins it.';
export const why = 'Why';
export const exampleReason = 'INC-123';
export const goesOnFor = 'Goes on for';
export const take = 'Take it';

// Snapshots and the flight recorder, in words.
export const beingStored = 'being stored';
export const leftNotStored = 'left by a killed run, not stored';
export const complete = 'complete';
export const notComplete = 'not complete';
export const triggers = {
  api: 'asked for',
  signal: 'asked for by a signal',
  crash: 'after a crash',
  latency: 'slow responses',
};
export const exchangeMatched = (filter: string) => `an exchange matched ${filter}`;
export const ringHolds = (time: string, number: number, used: string, most: string) =>
  `It holds the last ${time}: ${counts.exchanges(number)}, ${used} of ${most}.`;
export const didNotFit = (number: number) =>
  `${counts.exchanges(number)} did not fit into it, or could not be written.`;
export const forgotTooSoon = (times: number, age: string) =>
  `${counts.count(times)} times it forgot what was not yet ${age} old: it is too small; choose a larger --flight.`;
export const lastSetOff = (time: string) => `The last snapshot was set off at ${time}.`;
export const lastSetOffBy = (time: string, trigger: string) => `The last snapshot was set off at ${time} (${trigger}).`;
