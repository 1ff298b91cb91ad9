// The page as a whole: its bars and its views, and what it copies.

// The bars.
export const title = (level: string) => `dashcam · ${level}`;
export const lists = 'Lists';
export const version = (version: string) => `dashcam ${version}`;
export const name = 'dashcam';
export const readOnly = 'Read only';
export const sizeOfList = 'Size of the list';

// Names of what is copied.
export const link = (id: number) => `a link to exchange ${id}`;
export const har = 'HAR';
export const exchangeAsHar = 'the exchange as HAR';
export const body = 'body';
export const requestBody = 'the request’s body';
export const responseBody = 'the response’s body';
export const withPlaceholders = (name: string) => `${name}, with placeholders`;
export const snippetWithPlaceholders = (title: string, command: string) =>
  `${title}, with placeholders: ${command} has the values`;
export const bodyNotText = 'The body is not text. Download it instead.';
export const bodyTooLarge = (most: string) => `The body is larger than ${most}. Download it instead.`;

// The views, as their tabs have them.
export const dashboard = 'Dashboard';
export const failedConnections = 'Failed connections';
export const missing = 'Missing';
export const rules = 'Rules';
export const snapshots = 'Snapshots';
export const boundaries = 'Boundaries';
export const audit = 'Audit';
export const compare = 'Compare';
