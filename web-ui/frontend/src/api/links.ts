// Addresses for links and the live stream; the browser fetches these itself.
import type { Direction, PieceName } from './types';

const BASE = '/api/v1';

export const link = {
  body: (id: number, direction: Direction) => `${BASE}/exchanges/${id}/${direction}/body`,
  /** With its codings undone, under its own media type. */
  decoded: (id: number, direction: Direction) => `${BASE}/exchanges/${id}/${direction}/body?decoded`,
  /** For a frame: what is in it runs nothing and fetches nothing. */
  preview: (id: number, direction: Direction) => `${BASE}/exchanges/${id}/${direction}/preview`,
  payload: (id: number, seq: number) => `${BASE}/exchanges/${id}/messages/${seq}/payload`,
  /** The content of a message that stands in a body. */
  piece: (id: number, piece: PieceName) => {
    const [direction, offset] = piece.split('@');
    return `${BASE}/exchanges/${id}/${direction}/messages/${offset}/payload`;
  },
  harOfOne: (id: number) => `${BASE}/exchanges/${id}/har`,
  har: (filter: string) => `${BASE}/export.har${query(filter)}`,
  /** The exchanges that a filter chooses, as a file. */
  file: (format: 'har' | 'ndjson', filter: string) =>
    `${BASE}/export?format=${format}&filter=${encodeURIComponent(filter)}`,
  /** What happens, gathered for `pace` milliseconds; of exchanges the `most` newest. */
  live: (filter: string, pace: number, most: number) =>
    `${BASE}/live?pace=${pace}&most=${most}${query(filter).replace('?', '&')}`,
  certificate: (sha256: string) => `${BASE}/certificates/${sha256}.pem`,
  root: () => `${BASE}/ca.pem`,
};

function query(filter: string): string {
  return filter === '' ? '' : `?filter=${encodeURIComponent(filter)}`;
}
