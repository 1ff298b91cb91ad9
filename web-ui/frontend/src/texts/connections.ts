// Connections that failed, and those that are passed on unread.

export const none = 'No failed connections';
export const noneMore =
  'Client connections that end badly show up here, for instance when a client rejects dashcam’s certificate.';
export const loadOlder = 'Load older ones';
export const number = (id: number | null) => `Connection ${id}`;
export const passedOn = 'It was passed on without being read: no exchange says what it carried.';
export const loading = (id: number | null) => `Loading connection ${id ?? ''}…`;
export const detected = (protocol: string) => `detected ${protocol}`;
export const askedFor = (name: string) => `asked for ${name}`;
export const noDestination = 'no destination';
export const from = (client: string, facts: string) => `from ${client} · ${facts}`;
export const clientRefuses = (runtime: string, client: string) => `${runtime} at ${client} refuses it`;
export const theClient = 'the client';
export const tunnelled = 'Tunnelled unread';
export const tunnelledForNow = 'Tunnelled unread for now';
export const tunnelledWhy =
  'after several refusals of dashcam’s certificate or TLS; these connections pass and are not recorded';
export const tunnelledUntil = (until: string, connections: string, since: string) =>
  `until ${until} · ${connections} since ${since}`;
export const decryptAgain = 'Decrypt again';
