// An exchange of a HAR file as it is compared with others.
import { bytesOf } from '../../format/hex';
import * as texts from '../../texts/har';
import type { Side as ComparedSide } from '../compare';
import type { Entry, Side } from './har';

const encoder = new TextEncoder();

/** An exchange of `file` to compare with others. */
export function sideOf({ row, request, response }: Entry, file: File): ComparedSide {
  const answered = row.status !== 0;
  const part = (direction: 'request' | 'response'): Side => (direction === 'request' ? request : response);
  return {
    id: null,
    name: texts.nameIn(row.id, file.name),
    file,
    exchange: {
      method: row.method,
      url: row.url,
      status: answered ? row.status : null,
      state: answered ? 'complete' : 'failed',
      failure: null,
      started_at: row.started,
      duration_us: row.duration,
      request,
      response: answered ? response : null,
      timings: { response_start_us: null },
      request_body: { stored: request.stored, size: request.size ?? 0 },
      response_body: { stored: response.stored, size: response.size },
    },
    text: (direction, limit) => {
      const { body } = part(direction);
      return Promise.resolve({ text: body?.slice(0, limit) ?? null, truncated: body !== null && body.length > limit });
    },
    bytes: (direction, limit) => {
      const { body, base64 } = part(direction);
      return Promise.resolve(
        base64 === null ? encoder.encode(body?.slice(0, limit) ?? '').subarray(0, limit) : bytesOf(base64, limit),
      );
    },
    image: (direction) => {
      const { type, base64 } = part(direction);
      return `data:${type};base64,${base64 ?? ''}`;
    },
  };
}
