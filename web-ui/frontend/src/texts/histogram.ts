// The histogram above the list.
import * as counts from './counts';

export const chart = 'Time range: arrows move, Shift makes a range, Enter filters by it';
export const name = 'Exchanges over time';
export const nameBy = (key: string) => `Exchanges over time (${key})`;
export const toggle = 'Over time';
export const exchanges = 'exchanges';
export const errors = 'errors';
export const notComplete = (newest: string) => `not complete: looked at the newest ${newest}`;
export const allTimes = 'All times';
/** Where the pointer rests on times in which nothing was recorded. */
export const notRecorded = (exchanges: number) => `${counts.exchanges(exchanges)} not recorded`;
export const levelWas = (level: string) => `the level was ${level}`;
export const noErrors = 'no errors';
