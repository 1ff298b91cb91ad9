// The bytes of a body that the page itself needs, such as a font's.
import { bytesAt } from '../api/client';
import { messageOf } from '../api/error';

export class BodyBytes {
  bytes = $state.raw<ArrayBuffer | null>(null);
  error = $state<string | null>(null);

  /** Fetches what is at `url`, an address of the API. */
  async load(url: string): Promise<void> {
    try {
      this.bytes = await bytesAt(url);
      this.error = null;
    } catch (error) {
      this.error = messageOf(error);
    }
  }
}
