// The whole of one message of which the list has the beginning.
import { fetchPayload } from '../api/calls';
import { messageOf } from '../api/error';
import type { Message } from '../api/types';

/** The largest message that is shown whole; a larger one can be downloaded. */
export const LARGEST_SHOWN = 1024 * 1024;

export class Payload {
  bytes = $state.raw<Uint8Array | null>(null);
  error = $state<string | null>(null);
  loading = $state(false);

  async load(exchange: number, message: Message): Promise<void> {
    if (this.loading) return;
    this.loading = true;
    try {
      this.bytes = new Uint8Array(await fetchPayload(exchange, message.seq));
      this.error = null;
    } catch (error) {
      this.error = messageOf(error);
    } finally {
      this.loading = false;
    }
  }
}

/** The text in `bytes`, null for what is none. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
