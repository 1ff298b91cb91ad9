// Panels over the lists, or in their place: the composer, repeated replays, the palette, the keys, a HAR file.
import type { Exchange } from '../api/types';

/** A request that is composed. */
export interface Composing {
  /** The recorded one that it begins with; null for a new one. */
  exchange: Exchange | null;
  /** Why it could not be sent as it was: redacted values are missing. */
  lost: string | null;
}

export class Panels {
  composing = $state.raw<Composing | null>(null);
  /** The exchange whose request is to be sent several times. */
  repeating = $state.raw<Exchange | null>(null);
  palette = $state(false);
  keys = $state(false);
  /** A HAR file that is looked at. */
  har = $state.raw<File | null>(null);

  /** Asks for a HAR file, and opens it. */
  pickHar(): void {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = '.har,.json,application/json';
    input.onchange = () => (this.har = input.files?.[0] ?? null);
    input.click();
  }

  /** Opens the composer with a recorded request, or without one. */
  compose(exchange: Exchange | null, lost: string | null = null): void {
    this.composing = { exchange, lost };
  }
}
