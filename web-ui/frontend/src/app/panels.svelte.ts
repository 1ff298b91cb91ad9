// Panels over the lists, or in their place: the composer, repeated replays, the palette, the keys, a HAR file.
import type { Exchange } from '../api/types';
import type { Chosen, Side } from '../features/compare';

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
  /** The exchange of that file that is open. */
  entry = $state.raw<Side | null>(null);
  /** Two that are compared where the address can't say it: one of them is in a file. */
  comparing = $state.raw<readonly [Chosen, Chosen] | null>(null);

  /** Leaves the file, and the comparison with what is in it. */
  leave(): void {
    this.har = null;
    this.comparing = null;
  }

  /** Asks for a HAR file, and opens it. */
  pickHar(): void {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = '.har,.json,application/json';
    input.onchange = () => this.open(input.files?.[0]);
    input.click();
  }

  /** Shows a HAR file in the place of everything. */
  open(file: File | undefined): void {
    if (file === undefined) return;
    this.leave();
    this.har = file;
  }

  /** Opens the composer with a recorded request, or without one. */
  compose(exchange: Exchange | null, lost: string | null = null): void {
    this.composing = { exchange, lost };
  }
}
