// The control of the recording, its state in the top bar, and the banners below that.
import * as counts from './counts';

// What must not be overlooked: the page is locked out, dashcam can't be reached, or can't write.
export const sessionEnded = 'This browser’s session has ended.';
export const whySessionEnded =
  'It was signed out, was not used for long, or the token was replaced; nothing new is shown. Run';
export const tokenCommand = 'dashcam status --token';
export const openPrintedAddress = 'on the machine that dashcam runs on and open the address that it prints, or';
export const tokenAddress = (origin: string) => `${origin}/?token=TOKEN`;
export const withTokenFrom = 'with the token from the file';
export const tokenFile = (home: string) => `${home}/token`;
export const recordingGoesOn = 'Recording goes on.';
export const outOfDate = (error: string) => `${error} What you see may be out of date.`;
export const isPaused = 'Recording is paused:';
export const isPausedSince = (time: string) => `Recording is paused since ${time}:`;
export const whilePaused = (reason: string) =>
  `${reason}. Traffic passes all the same; what passes is not recorded, but counted. It goes on by itself.`;
export const diskFails = 'the disk can’t be written';
export const notStored = 'Exchanges are not being stored:';
export const passesUnstored = (reason: string) => `${reason}. Traffic passes all the same.`;
export const recorderFails = 'the recorder fails';

// A config.toml that can't be read: what is wrong with it, and where.
export const cannotBeRead = (path: string) => `${path} can’t be read`;
export const configProblem = (time: string, problem: string) =>
  `since ${time}: ${problem} Everything goes on as before the file was changed.`;
export const configProblemAt = (time: string, line: number, problem: string) =>
  configProblem(`${time}, line ${line}`, problem);

// The recording switch: off, metrics, metadata, full.
export const recordingLevel = 'Recording level';

// Whether the list is live.
export const live = {
  live: { word: 'live', meaning: 'New exchanges appear as they happen' },
  connecting: { word: 'connecting', meaning: 'Connecting to the live stream' },
  reconnecting: {
    word: 'reconnecting',
    meaning: 'The live stream broke; trying again. What was missed is fetched then',
  },
  paused: { word: 'paused', meaning: 'The filter can’t be read: the list goes on once it can' },
  ended: { word: 'ended', meaning: 'This browser’s session has ended' },
};

// What is recorded, in a word, and the way to the control of it.
export const openControl = 'Open: what is recorded, and more of it for a while';
export const recording = 'Recording';
export const paused = 'paused';
export const upgradingMeaning =
  "An older dashcam's recording is brought up to date in the background; until then lists and counts take longer";
export const upgrading = (percent: number) => `upgrading ${percent} %`;

// Beside the control of the recording: since when and by whom it is so, and how long a lease still adds to it.
export const leaseAdds = 'A lease records more for a while';
export const leaseOf = (level: string, match: string) => `+ ${level} of ${match}`;
export const everything = 'everything';
export const left = 'left';
export const sinceBy = (time: string, who: string) => `since ${time} by ${who}`;
export const sinceByBecause = (time: string, who: string, why: string) => `since ${time} by ${who}: ${why}`;

// A step of the budget: what is left out of the recording just now, and why.
const toStayWithin = (time: string) => `since ${time}, to stay within the budget`;
const goesBack = 'It goes back by itself; rules that are lossless are left alone.';
export const heldBack = (time: string) => `${toStayWithin(time)}. ${goesBack}`;
export const heldBackBecause = (time: string, because: string) => `${toStayWithin(time)}: ${because}. ${goesBack}`;

// Connections that are not recorded though the level says so, and the way to close them.
export const unreadMeaning =
  'They were opened while nothing was recorded, and go on unread until they close. Closed here, their clients open others, which are recorded. Each is closed when nothing moves on it for half a second, or after five seconds.';
export const openedUnread = (number: number) =>
  `${counts.connections(number)} opened before ${counts.inflected(number, 'is', 'are')} not recorded`;
export const closeUnread = (number: number) => `Close ${counts.inflected(number, 'it', 'them')}`;

// The bounds of the recording in words.
export const unbounded = 'Kept without bounds.';
export const keptAtMost = (bounds: string) => `Kept at the most: ${bounds}.`;
export const inUse = (used: string, deleted: number, pinned: number) =>
  `${used} in use, ${counts.exchanges(deleted)} deleted by the bounds since dashcam started, ${counts.count(pinned)} pinned.`;
export const oldestIs = (age: string) => `The oldest exchange is ${age} old.`;
export const crowded =
  'Pinned exchanges alone take all the room: others go as soon as they have ended. Unpin some, or choose a larger --max-size.';

// Since when something is as it is, by whom, and what came of it.
export const sinceTime = (time: string, who: string) => `Since ${time} by ${who}`;
export const sinceTimeFrom = (time: string, who: string, address: string) => `Since ${time} by ${who} from ${address}`;
export const stored = (number: number) => `Stored since dashcam started: ${counts.exchanges(number)}.`;
export const bytesUsed = (used: string) => `In use: ${used}.`;
export const bytesUsedOf = (used: string, most: string) => `In use: ${used} of ${most}.`;

// The steps by which a budget holds recording back.
export const steps = {
  full: 'All is recorded as the rules say',
  heads: 'Bodies are not recorded',
  sample: 'Of ten exchanges one is recorded, without bodies',
  metrics: 'Exchanges are counted, and not recorded',
};
