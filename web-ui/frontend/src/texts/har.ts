// A HAR file, looked at beside the recording.
import * as counts from './counts';

// An exchange of a HAR file: heads and bodies.
export const headersOf = (part: string) => `${part} headers`;
export const copyHeaders = 'Copy headers';
export const onlyBeginning = 'Only the beginning is shown. Copy body has all of it.';
export const copyBody = 'Copy body';
export const exchangeOfFile = (id: number) => `Exchange ${id} of the file`;
/** The name of an exchange of a file, among others that are compared. */
export const nameIn = (id: number, file: string) => `#${id} of ${file}`;
export const keepTitle = (key: string) =>
  `Keep this exchange to compare another one with it, of a file or recorded (${key})`;
export const keep = 'Keep to compare';
export const requestAndResponse = 'Request and response';

// The exchanges of a HAR file, in the place of the recording. Nothing of them leaves the browser.
export const fileNamed = (name: string) => `The file ${name}`;
export const exchangesHere = (number: number) => `${counts.exchanges(number)}, in this browser only.`;
export const exchangesHereBy = (number: number, program: string) =>
  `${counts.exchanges(number)}, in this browser only, written by ${program}.`;
export const reading = 'reading…';
export const notOpened = 'not opened.';
export const filterHint = 'Words of the method, URL, status or type';
export const filterLabel = 'Filter the exchanges of the file by words';
export const shown = (number: number) => `${number} shown`;
export const closeFile = 'Close the file';
export const sizeOfList = 'Size of the list';
export const exchangesInOrder = 'Exchanges of the file, in their order';

// The columns that the list of the recording does not have.
export const noResponse = 'no response';

// Why a file can't be opened.
export const tooLarge = (size: string, most: string) =>
  `The file has ${size}. The page opens files of at most ${most}.`;
export const cannotBeReadHere = 'The file can’t be read: it may be too large for this browser.';
export const cannotBeRead = (reason: string) => `The file can’t be read: ${reason}.`;

// A HAR file, read in the browser: what is broken in it is said in plain words, and what is missing is left empty.
export const noJson = (reason: string) => `The file is no JSON, so no HAR file either (${reason}).`;
export const noHar = 'The file is JSON, but no HAR file: there is no list of exchanges at log.entries.';
export const tooMany = (number: number, most: number) =>
  `The file has ${number} exchanges. The page opens at most ${most}.`;
export const responseMissing = 'No response';
export const bodyMissing = 'The file does not have this body.';
export const bodyNotText = 'The body is not text.';
export const onlyFirstCharacters = (number: number) => `Only the first ${number} characters are shown.`;
