// Calls about the contents of bodies and messages: the views that show them, the messages in them, and their types.
import { client, content, done } from './client';
import type { Direction, PieceName } from './types';

/** A body, a message of an exchange by its number, or a message that stands in a body. */
export type Part = Direction | number | PieceName;

const BODY = '/api/v1/exchanges/{id}/{direction}';
const MESSAGE = '/api/v1/exchanges/{id}/messages/{seq}';
const PIECE = '/api/v1/exchanges/{id}/{direction}/messages/{offset}';

/** The place of a message in a body; null for what is none. */
function pieceOf(part: Direction | PieceName): { direction: Direction; offset: number } | null {
  const [direction, offset] = part.split('@');
  return offset === undefined ? null : { direction: direction as Direction, offset: Number(offset) };
}

/** The views that fit, the best first. */
export function fetchViews(id: number, part: Part) {
  if (typeof part === 'number') return content(client.GET(`${MESSAGE}/views`, { params: { path: { id, seq: part } } }));
  const piece = pieceOf(part);
  if (piece !== null) return content(client.GET(`${PIECE}/views`, { params: { path: { id, ...piece } } }));
  return content(client.GET(`${BODY}/views`, { params: { path: { id, direction: part as Direction } } }));
}

/** What a view shows; `message` is the type of Protocol Buffers to read it as. */
export function fetchView(id: number, part: Part, name: string, message: string | null = null) {
  const query = message === null ? { name } : { name, message };
  if (typeof part === 'number')
    return content(client.GET(`${MESSAGE}/view`, { params: { path: { id, seq: part }, query } }));
  const piece = pieceOf(part);
  if (piece !== null) return content(client.GET(`${PIECE}/view`, { params: { path: { id, ...piece }, query } }));
  return content(client.GET(`${BODY}/view`, { params: { path: { id, direction: part as Direction }, query } }));
}

/** Bytes of a body from `offset` on, decoded or as they are `stored`. */
export const fetchHex = (
  id: number,
  direction: Direction,
  window: { offset: number; limit: number; stored?: boolean },
  signal: AbortSignal,
) =>
  content(
    client.GET(`${BODY}/view`, { params: { path: { id, direction }, query: { name: 'hex', ...window } }, signal }),
  );

/** Messages that stand in a body, from the place `offset` on, with the first `preview` bytes of each. */
export const fetchBodyMessages = (
  id: number,
  direction: Direction,
  query: { offset: number; limit: number; preview: number; unseal?: boolean },
) => content(client.GET(`${BODY}/messages`, { params: { path: { id, direction }, query } }));

/** The one at `piece`, twice: as it is recorded, and with sealed values put back. */
export function fetchPieceTwice(id: number, piece: PieceName, preview: number) {
  const { direction, offset } = pieceOf(piece) ?? { direction: 'response', offset: 0 };
  const query = { offset, limit: 1, preview };
  return Promise.all([
    fetchBodyMessages(id, direction, query),
    fetchBodyMessages(id, direction, { ...query, unseal: true }),
  ]);
}

export const fetchDescriptors = () => content(client.GET('/api/v1/descriptors'));

/** Keeps a set, in place of the one that is there. */
export const keepDescriptors = (file: Blob) =>
  content(
    client.PUT('/api/v1/descriptors', {
      // The generated type of bytes is a string.
      body: file as unknown as string,
      bodySerializer: (bytes) => bytes as unknown as Blob,
      headers: { 'content-type': 'application/octet-stream' },
    }),
  );

export const removeDescriptors = () => done(client.DELETE('/api/v1/descriptors'));
