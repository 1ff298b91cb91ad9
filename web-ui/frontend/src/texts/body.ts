// A body: notes on it, and the ways to look at it.
import * as counts from './counts';

/** Begins a sentence: "… needs the role viewer". */
export const subject = 'A body';
export const wrap = 'Wrap';
export const onlyBeginning = 'Only the beginning is shown: Download has all that is stored.';
export const notJson = (byte: number, size: string) =>
  `Not valid JSON from byte ${byte} (${size}). As sent shows all of it.`;

// Searching a body.
export const searching = 'Searching…';
export const notFound = 'Not found';
export const foundAt = (at: string, all: string) => `${at} of ${all}`;
export const searched = 'The body';
export const search = 'Search the body';
export const previous = 'Previous occurrence';
export const previousTitle = 'Previous (Shift+Enter)';
export const next = 'Next occurrence';
export const nextTitle = 'Next (Enter)';

// The ways to look at it.
export const views = 'Ways to look at the body';
export const tree = 'Tree';
export const asSent = 'As sent';
export const hex = 'Hex';
export const image = 'Image';
export const audio = 'Audio';
export const video = 'Video';
export const font = 'Font';
export const preview = 'Preview';

// Notes on it.
export const empty = 'Empty.';
export const nothingYet = 'Nothing has come yet.';
export const withheld =
  'Withheld: redaction could not read it, so nothing of it is stored. too_large = "keep" would store it.';
export const redacted = (stored: string, passed: string) =>
  `Decoded and redacted: ${stored} are stored, secrets replaced. ${passed} passed.`;
export const redactedTruncated = 'Truncated: only its beginning is stored.';
export const truncated = (stored: string, passed: string) => `Truncated: the first ${stored} of ${passed} are stored.`;
export const notStoredMetadata = (passed: string) =>
  `Not stored: ${passed} passed while the recording was set to metadata.`;
export const notStored = (passed: string) => `Not stored: ${passed} passed.`;
export const storedOf = (stored: string, passed: string) => `${stored} of ${passed} are stored.`;
export const incomplete = (size: string) => `Incomplete: it ended after ${size}, before its end.`;
export const coming = 'Still coming…';
export const unannouncedEnd = 'The server ended the connection here without close_notify: more may have been sent.';

// Conversations with language models.
export const streamed = 'streamed';
export const stopped = (reason: string) => `stopped: ${reason}`;
export const tokens = (tokens: string) => `tokens: ${tokens}`;
export const tools = 'Tools';
export const thinking = 'Thinking';
export const media = 'media';
export const calls = 'Calls';
export const resultOf = 'Result of';

// Fonts, pictures, pages and recordings.
export const fontSample = 'Sphinx of black quartz, judge my vow. 0123456789 ÄÖÜßéñ &@?!';
export const fontUnreadable = 'The browser can’t read this font. Hex shows its bytes.';
export const recordedPage = 'The recorded page';
export const pageNote = 'Scripts don’t run, and nothing is fetched: pictures and styles from elsewhere are missing.';
export const recordedDocument = 'The recorded document';
export const imageUnreadable = 'The browser can’t show this image. Hex shows its bytes.';
export const imageAlt = 'What the body shows';
export const actualSize = 'Actual size';
export const notPlayed = 'The browser can’t play this. Hex shows its bytes.';

// Bytes.
export const goToByte = 'Go to byte';
export const byteExample = '4096 or 0x1000';
export const go = 'Go';
export const notByte = 'A number, or 0x and a hexadecimal one.';
export const bytes = (bytes: string) => `There are ${bytes} bytes.`;
export const asReceived = 'As received';
export const asReceivedTitle = 'The bytes as they came, before their content coding was undone';
export const countingDecoded = 'Counting the decoded bytes…';
export const bytesOf = 'Bytes of the body';

// The tree of a JSON body.
export const json = 'JSON';
/** The button that shows so many levels. */
export const showLevels = (levels: number) => `Show ${levels} ${counts.inflected(levels, 'level')}`;
export const fold = 'Fold';
export const unfoldAll = 'Unfold all';
export const onlyTerm = (term: string) => `Only ${term}`;
export const filterFor = 'Filter for';
export const allButTerm = (term: string) => `All but ${term}`;
export const filterOut = 'Filter out';
export const pathCopied = 'the path';
export const copyPath = 'Copy path';
export const copyValue = 'Copy value';
export const valueCopied = (path: string) => `the value of ${path}`;
export const valueTooLong = 'The value is too long to be copied. Download the body.';
export const moreText = (size: string) => `… ${size} more`;

// Tables, texts, and messages with types.
export const onlyBeginningShown = 'Only the beginning is shown.';
export const table = 'Table';
export const moreRows = (rows: number) => `${counts.rows(rows)} more`;
export const documents = (documents: number) => `${counts.documents(documents)}, one after another.`;
export const textOf = 'Text of the body';
export const showMoreNodes = (nodes: number) => `Show ${nodes} more`;
export const readAs = 'Read as';
export const namedByRequest = 'what the request names';
export const noTypes = 'No types are known: fields have numbers.';
export const descriptorsTitle = 'A file that protoc --include_imports --descriptor_set_out=FILE wrote';
export const replaceDescriptors = 'Replace…';
export const addDescriptors = 'Descriptors…';
