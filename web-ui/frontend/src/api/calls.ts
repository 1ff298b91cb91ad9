// Every call that the page makes, one function each.
import { client, content, done } from './client';
import type { operations } from './schema';
import type {
  Direction,
  LeaseMore,
  Level,
  NewLease,
  NewRules,
  NoteChange,
  RedactionRule,
  NewRequest,
  Replay,
  RuleTested,
  SnippetFormat,
  SnapshotRequest,
  ValueRedaction,
} from './types';

/** Which exchanges a list asks for: from a number or a time on, or the first ones of an order. */
export type ListQuery = NonNullable<operations['exchanges']['parameters']['query']>;

export const fetchExchanges = (query: ListQuery, signal?: AbortSignal) =>
  content(client.GET('/api/v1/exchanges', { params: { query }, ...(signal && { signal }) }));

/** What the bodies of GraphQL calls tell. */
export const fetchGraphqlCalls = (ids: readonly number[]) =>
  content(client.GET('/api/v1/exchanges/graphql', { params: { query: { ids: ids.join(',') } } }));

/** Deletes what is stored; what is `pinned` too, or not. */
export const deleteAllExchanges = (pinned: boolean) =>
  content(client.DELETE('/api/v1/exchanges', { params: { query: { pinned } } }));

export const fetchExchange = (id: number, signal?: AbortSignal) =>
  content(client.GET('/api/v1/exchanges/{id}', { params: { path: { id } }, ...(signal && { signal }) }));

/** Deletes these, also while the page is `leaving`; pinned ones as well: they were chosen one by one. */
export const deleteExchanges = (ids: number[], leaving: boolean) =>
  content(client.POST('/api/v1/exchanges/delete', { body: { ids, pinned: true }, keepalive: leaving }));

export const pinExchange = (id: number) => done(client.PUT('/api/v1/exchanges/{id}/pin', { params: { path: { id } } }));

export const unpinExchange = (id: number) =>
  done(client.DELETE('/api/v1/exchanges/{id}/pin', { params: { path: { id } } }));

/** Changes the comment and the tags of an exchange; answers those that it has then. */
export const noteExchange = (id: number, body: NoteChange) =>
  content(client.PATCH('/api/v1/exchanges/{id}/note', { params: { path: { id } }, body }));

/** A body for reading: decoded, at most `limit` bytes of it. */
export const fetchText = (id: number, direction: Direction, limit: number, signal?: AbortSignal) =>
  content(
    client.GET('/api/v1/exchanges/{id}/{direction}/text', {
      params: { path: { id, direction }, query: { limit } },
      ...(signal && { signal }),
    }),
  );

/** Messages with the first `preview` bytes of each. */
export const fetchMessages = (id: number, after: number | null, limit: number, preview: number) =>
  content(
    client.GET('/api/v1/exchanges/{id}/messages', {
      params: { path: { id }, query: after === null ? { limit, preview } : { after, limit, preview } },
    }),
  );

/** The first bytes of a body, as they are stored. */
export async function fetchBytes(id: number, direction: Direction, limit: number): Promise<Uint8Array> {
  const path = '/api/v1/exchanges/{id}/{direction}/body';
  const stream = await content(client.GET(path, { params: { path: { id, direction } }, parseAs: 'stream' }));
  const reader = (stream as ReadableStream<Uint8Array>).getReader();
  const bytes: number[] = [];
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    for (const byte of piece.value.subarray(0, limit - bytes.length)) bytes.push(byte);
    if (bytes.length < limit) continue;
    await reader.cancel();
    break;
  }
  return Uint8Array.from(bytes);
}

/** The request as a command or a piece of a program. */
export const fetchSnippet = (id: number, format: SnippetFormat) =>
  content(
    client.GET('/api/v1/exchanges/{id}/snippet', { params: { path: { id }, query: { format } }, parseAs: 'text' }),
  );

/** The exchange as a HAR file. */
export const fetchHar = (id: number) =>
  content(client.GET('/api/v1/exchanges/{id}/har', { params: { path: { id } }, parseAs: 'text' }));

/** Sends a request that was not recorded before; answers the new exchange's id. */
export const sendRequest = (request: NewRequest) => content(client.POST('/api/v1/exchanges', { body: request }));

/** Sends an exchange's request again, with `edits` if any; answers the new exchange's id. */
export const replayExchange = (id: number, edits?: Replay) =>
  content(client.POST('/api/v1/exchanges/{id}/replay', { params: { path: { id } }, ...(edits && { body: edits }) }));

/** The sets of redaction, and the rules that were added while dashcam runs. */
export const fetchRedaction = () => content(client.GET('/api/v1/redaction'));

/** Puts `redaction` in the place of the rules that were added; `why` is for the history. */
export const setRedaction = (redaction: RedactionRule[], why: string) =>
  content(client.PATCH('/api/v1/settings', { body: { redaction, why } }));

/** Redacts a value of an exchange, or only counts; a part of all exchanges a call. */
export const redactValue = (id: number, body: ValueRedaction) =>
  content(client.POST('/api/v1/exchanges/{id}/redact', { params: { path: { id } }, body }));

/** The same as `fetchExchange` and `fetchText`, and a message, with sealed values put back. dashcam notes it in the audit log. */
export const unsealExchange = (id: number) =>
  content(client.GET('/api/v1/exchanges/{id}', { params: { path: { id }, query: { unseal: true } } }));

export const unsealText = (id: number, direction: Direction, limit: number) =>
  content(
    client.GET('/api/v1/exchanges/{id}/{direction}/text', {
      params: { path: { id, direction }, query: { limit, unseal: true } },
    }),
  );

export const unsealMessage = (id: number, seq: number, preview: number) =>
  content(
    client.GET('/api/v1/exchanges/{id}/messages', {
      params: { path: { id }, query: { ...(seq > 0 && { after: seq - 1 }), limit: 1, preview, unseal: true } },
    }),
  );

export const fetchConnections = (query: { failed?: boolean; before?: number; limit?: number }) =>
  content(client.GET('/api/v1/connections', { params: { query } }));

/** A page of the connections that failed or were tunnelled. */
export const fetchUnread = (
  query: Omit<NonNullable<operations['connections']['parameters']['query']>, 'unread'>,
  signal: AbortSignal,
) => content(client.GET('/api/v1/connections', { params: { query: { ...query, unread: true } }, signal }));

export const fetchConnection = (id: number) =>
  content(client.GET('/api/v1/connections/{id}', { params: { path: { id } } }));

/** Closes the connections that are not recorded because nothing was when they began. */
export const closeUnread = () => content(client.POST('/api/v1/connections/unread/close'));
/** Clients and hosts that are tunnelled because one of them refuses dashcam's TLS. */
export const fetchRejected = () => content(client.GET('/api/v1/rejected'));

/** Lets connections of such a pair be decrypted again. */
export const removeRejected = (id: number) =>
  done(client.DELETE('/api/v1/rejected/{id}', { params: { path: { id } } }));

/** What is missing of the latest `limit` hours in which something was lost. */
export const fetchGapsByHour = (limit: number) =>
  content(client.GET('/api/v1/gaps/by-hour', { params: { query: { limit } } }));

/** Changes the level; `why` is for the history. */
export const setLevel = (level: Level, why: string | null) =>
  content(client.PATCH('/api/v1/settings', { body: { level, why } }));

/** The latest changes of the settings, newest first. */
export const fetchHistory = (limit: number) =>
  content(client.GET('/api/v1/settings/history', { params: { query: { limit } } }));

/** Ends this browser's session, or those of all browsers. */
export const signOut = (everywhere: boolean) =>
  done(client.POST('/api/v1/sign-out', { params: { query: { everywhere } } }));

/** The role with which this browser is signed in. */
export const fetchRole = () => content(client.GET('/api/v1/role'));

/** The audit log, the latest first. */
export const fetchAudit = (query: { who?: string; action?: string; limit: number }) =>
  content(client.GET('/api/v1/audit', { params: { query } }));

export const fetchStatus = () => content(client.GET('/api/v1/status'));

/** How long figures may take: whoever looks at them does not wait longer. */
const FIGURES = '5s';

/** Exchanges over time. */
export const fetchHistogram = (filter: string, signal: AbortSignal, everyUs?: number) => {
  const every = everyUs === undefined ? {} : { every: `${everyUs / 1000}ms` };
  const query = { filter, time_limit: FIGURES, ...every };
  return content(client.GET('/api/v1/exchanges/histogram', { params: { query }, signal }));
};

/** The most frequent values of what people filter by. */
/** The hosts of what matches, and below the places that are `open` their nodes, `limit` of each. */
export const fetchTree = (filter: string, open: readonly string[], limit: number, signal: AbortSignal) =>
  content(
    client.GET('/api/v1/exchanges/tree', {
      params: { query: { filter, open: open.join(' '), limit, time_limit: FIGURES } },
      signal,
    }),
  );

export const fetchFacets = (filter: string, signal: AbortSignal) =>
  content(
    client.GET('/api/v1/exchanges/facets', {
      params: {
        query: {
          filter,
          by: 'host,status,method,path,type,failure,client,program,rule',
          limit: 8,
          time_limit: FIGURES,
        },
      },
      signal,
    }),
  );

/** Figures of the groups of `query`. */
export const fetchStats = (
  query: { filter: string; by?: string; stat?: string; every?: string; limit?: number },
  signal: AbortSignal,
) => content(client.GET('/api/v1/exchanges/stats', { params: { query: { ...query, time_limit: FIGURES } }, signal }));

/** Names and values that could stand in the filter `text`, behind its first `at` characters. */
export const completeFilter = (text: string, at: number, signal?: AbortSignal) =>
  content(client.GET('/api/v1/filters/complete', { params: { query: { text, at } }, ...(signal && { signal }) }));

/** A filter in words. */
export const explainFilter = (text: string, signal?: AbortSignal) =>
  content(client.GET('/api/v1/filters/explain', { params: { query: { text } }, ...(signal && { signal }) }));

/** Has dashcam read a filter, and nothing more: no exchange comes before the first. Throws if it can't be read. */
export const checkFilter = (filter: string, signal?: AbortSignal) =>
  done(
    client.GET('/api/v1/exchanges', { params: { query: { filter, before: 1, limit: 1 } }, ...(signal && { signal }) }),
  );

/** The documentation of the filter language, as Markdown. */
export const fetchLanguage = () => content(client.GET('/api/v1/filters/language', { parseAs: 'text' }));

export const fetchPresets = () => content(client.GET('/api/v1/presets'));

/** Keeps `filter` under `name`, in place of the one that had it. */
export const keepPreset = (name: string, filter: string) =>
  done(client.PUT('/api/v1/presets/{name}', { params: { path: { name } }, body: { filter } }));

export const removePreset = (name: string) =>
  done(client.DELETE('/api/v1/presets/{name}', { params: { path: { name } } }));

/** The rules in force, and the epoch that they are of. */
export const fetchRules = () => content(client.GET('/api/v1/rules'));

/** Puts a list of rules in the place of the one that is in force, if that is still of its epoch. */
export const replaceRules = (body: NewRules) => content(client.PUT('/api/v1/rules', { body }));

/** The leases in force, the newest first, and behind them `limit` at most that have ended. */
export const fetchLeases = (limit: number) =>
  content(client.GET('/api/v1/leases', { params: { query: { all: true, limit } } }));

export const beginLease = (body: NewLease) => content(client.POST('/api/v1/leases', { body }));

export const extendLease = (id: number, body: LeaseMore) =>
  content(client.PATCH('/api/v1/leases/{id}', { params: { path: { id } }, body }));

export const endLease = (id: number) => done(client.DELETE('/api/v1/leases/{id}', { params: { path: { id } } }));

export const fetchSnapshots = () => content(client.GET('/api/v1/snapshots'));

/** Takes a snapshot of what the flight recorder holds and of what follows; joins the one that is being taken. */
export const takeSnapshot = (body: SnapshotRequest) => content(client.POST('/api/v1/snapshots', { body }));

/** Stores the ring that a killed run has left. */
export const saveSnapshot = (name: string) =>
  done(client.POST('/api/v1/snapshots/{name}/save', { params: { path: { name } } }));

/** Deletes a snapshot with its exchanges. */
export const removeSnapshot = (name: string) =>
  done(client.DELETE('/api/v1/snapshots/{name}', { params: { path: { name } } }));

/** Which time ranges are complete, and at which level, the oldest first. */
export const fetchBoundaries = () => content(client.GET('/api/v1/boundaries'));

/** Which rule an exchange meets, and why: a recorded one, or one that is described. */
export const testRules = (body: RuleTested) => content(client.POST('/api/v1/rules/test', { body }));
