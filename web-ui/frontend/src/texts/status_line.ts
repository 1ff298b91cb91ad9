// The status line: entries, and what they say where the pointer rests on them.
import * as counts from './counts';

export const all = 'All of the status';
export const showMissing = 'Show what is missing';
export const exchanges = 'exchanges';
export const requestRate = 'req/s';
export const requestRateTitle = (underWay: string) => `Requests a second that pass just now; ${underWay} under way`;
export const errorRate = 'errors/s';
export const errorRateTitle = 'Failed, or answered with 5xx, in a second just now';
export const recordedRate = 'recorded/s';
export const recordedRateTitle = 'Exchanges that are stored in a second just now';
export const requests = 'requests';
export const wentWrong = 'went wrong';
export const wentWrongTitle = 'Answered with 5xx, failed, or refused, since dashcam started';
export const queued = 'queued';
export const queueTitle = (exchanges: number) => `${counts.exchanges(exchanges)} on the way to the disk`;
export const queueFailing = (exchanges: number, reason: string | null | undefined) =>
  `${queueTitle(exchanges)}: ${reason ?? 'it fails'}`;
export const dropped = 'dropped';
export const droppedTitle = (reasons: string) => `${reasons}\nShow what the recording misses, by hour`;
export const kept = 'kept';
export const usedOf = (used: string, most: string) => `${used} of ${most}`;
export const unread = 'unread';
export const unreadTitle = 'Connections that are not recorded, as they were opened before';
export const listeners = (listeners: number) => counts.inflected(listeners, 'listener');
export const listenerAt = (name: string, address: string) => `${name} on ${address}`;
export const noDatabase = 'it does not answer';
export const inDatabase = (exchanges: string, size: string) => `${exchanges} exchanges, ${size}`;
export const seen = 'seen';
export const seenTitle = 'Seen since dashcam started.';
export const unwanted = (notKept: string, sampledOut: string) =>
  `${notKept} were not kept by the rules, ${sampledOut} were not in a sample.`;
export const notRecorded = (exchanges: string) => `${exchanges} more passed while the level was off or metrics`;
export const stored = 'stored';
export const storedTitle = (withoutBodies: string, open: string) =>
  `Stored since dashcam started, ${withoutBodies} of them without bodies; ${open} open.`;
export const inPath = (path: string, contents: string) => `In ${path}: ${contents}`;
export const truncated = 'truncated';
export const truncatedTitle = 'Stored with a body that was cut';

// The traffic, where nothing is recorded.
export const noneEnded = 'None since dashcam started';
export const ended = (outcomes: string) => `Since dashcam started: ${outcomes}`;
export const traffic = (ended: string, underWay: string, up: string, down: string) =>
  `${ended}; ${underWay} under way.\nBodies: ${up} up, ${down} down`;
export const latency = (toHead: string, toEnd: string) =>
  `From a request's head to its response's head: ${toHead}.\nTo its end: ${toEnd}`;
