// One of two exchanges that are compared: a recorded one, or one of a file.
import { fetchBytes, fetchText } from '../../api/calls';
import { link } from '../../api/links';
import type { Body, Direction, Exchange, Headers, Text, Timings } from '../../api/types';

/** A body, as far as it is known: null for a size that nobody noted. */
export type BodySize = Pick<Body, 'stored'> & { size: number | null };

/** The parts of an exchange that are compared. */
export interface Comparable extends Pick<
  Exchange,
  'method' | 'url' | 'status' | 'state' | 'failure' | 'started_at' | 'duration_us'
> {
  request: { version: string; headers: Headers };
  response: { version: string; reason: string; headers: Headers } | null;
  timings: Pick<Timings, 'response_start_us'>;
  request_body: BodySize;
  response_body: BodySize;
}

export interface Side {
  /** The number of a recorded one; null for one of a file. */
  id: number | null;
  /** "#17", or "#3 of session.har". */
  name: string;
  /** The file that it is of: several may have the same name. */
  file: File | null;
  exchange: Comparable;
  /** The body decoded, at most `limit` bytes. */
  text: (direction: Direction, limit: number) => Promise<Pick<Text, 'text' | 'truncated'>>;
  /** The first `limit` bytes of the body. */
  bytes: (direction: Direction, limit: number) => Promise<Uint8Array>;
  /** The address of the body, if it is an image. */
  image: (direction: Direction) => string;
}

/** A recorded exchange by its number, or one of a file. */
export type Chosen = number | Side;

export const recorded = (exchange: Exchange): Side => ({
  id: exchange.id,
  name: `#${exchange.id}`,
  file: null,
  exchange,
  text: (direction, limit) => fetchText(exchange.id, direction, limit),
  bytes: (direction, limit) => fetchBytes(exchange.id, direction, limit),
  image: (direction) => link.decoded(exchange.id, direction),
});

export const nameOf = (chosen: Chosen): string => (typeof chosen === 'number' ? `#${chosen}` : chosen.name);

/** Tells if both are the same exchange. */
export const isSame = (one: Chosen, other: Chosen): boolean =>
  typeof one === 'number' || typeof other === 'number'
    ? one === other
    : one.name === other.name && one.file === other.file;

export const bodyOf = ({ exchange }: Side, direction: Direction): BodySize =>
  direction === 'request' ? exchange.request_body : exchange.response_body;
