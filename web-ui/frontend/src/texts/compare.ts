// Two exchanges beside each other.
import * as counts from './counts';

// Two bodies: JSON by its structure, texts by lines, images side by side, everything else by its bytes.
export const differencesOfBodies = {
  request: 'Differences of the request bodies',
  response: 'Differences of the response bodies',
};
export const bodies = { request: 'Request body', response: 'Response body' };
export const json = (summary: string) => `JSON, ${summary}`;
export const asText = 'As text';
export const noDifference = 'no difference';
export const none = 'none';
export const onlyFirstMib = 'Only the first MiB of the bodies is compared.';
export const bodyOf = (direction: string, exchange: string) => `The ${direction} body of ${exchange}`;
export const notKept = (exchange: string, size: string) =>
  `The body of ${exchange} (${size}) was not kept, so there is nothing to compare.`;

// Two bodies by their bytes.
export const firstAreSame = (size: string) => `Their first ${size} are the same.`;
export const differencesOfBytes = 'Differences of the bytes';

// The differences between two exchanges.
export const methodRow = 'method';
export const differencesOf = (part: string) => `Differences of the ${part}`;
export const noTwo = 'The address names no two exchanges to compare: choose one, then another to compare it with.';
export const comparedWith = (left: string, right: string) => `${left} compared with ${right}`;
export const left = 'Left';
export const right = 'Right';
export const showSame = 'Show what is the same';
export const swap = '⇄ Swap';
export const howTheyWent = 'How they went';
export const change = 'Change';
export const requestHeaders = 'Request headers';
export const responseHeaders = 'Response headers';

// Two texts by lines, as in a patch.
export const onlyLeft = 'only on the left';
export const onlyRight = 'only on the right';
export const notLineByLine =
  'The texts differ so much that they stand one after the other, without being compared line by line.';
export const lineOnLeft = 'Line on the left';
export const onRight = 'on the right';
export const lineText = 'Text';
export const linesSame = (number: number) => `${counts.lines(number)} the same`;
export const showMoreLines = (number: number) => `Show ${counts.moreLines(number)}`;

// Values of two exchanges beside each other: those that differ, those that vary each time folded, and the rest on demand.
export const theSame = 'the same';
export const changed = 'changed';
export const varying = (name: string) => `${name} that vary`;
export const notShown = (number: number) => `${counts.moreValues(number)} not shown.`;
export const varyEachTime = (number: number, names: string) => `${counts.values(number)} that vary each time: ${names}`;

// How two exchanges went: status, times and sizes beside each other.
export const firstByteAfter = 'First byte after';
export const version = 'Version';
export const began = 'Began';

// Two exchanges, value by value: what is only in one of them, and what is another one.
export const summaries = { changed: 'changed', removed: 'removed', added: 'added' };
export const thatVary = (number: number) => `${number} that vary`;
export const originRow = 'origin';
export const pathRow = 'path';
