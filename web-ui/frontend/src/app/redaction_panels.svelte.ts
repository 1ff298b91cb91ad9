// What is open about redaction: the sets, a redacted value, a value of a body, and the form that redacts one.
import type { Direction, Message } from '../api/types';
import type { Placeholder } from '../format/placeholders';
import type { Source } from '../stores/unsealed.svelte';

/** A placeholder that was pressed: its chip, and where it stands. */
export interface PressedPlaceholder {
  anchor: HTMLElement;
  placeholder: Placeholder;
  source: Source;
}

/** A value of the open exchange that was pressed. */
export interface PressedValue {
  anchor: Element;
  part: Direction;
  place: string;
}

/** A value of the open exchange that is to be redacted: the part that it is in, and the place, if one was chosen. */
export interface Redacting {
  part: Direction | Message;
  place: string | null;
}

export class RedactionPanels {
  /** The sets are shown. */
  sets = $state(false);
  placeholder = $state.raw<PressedPlaceholder | null>(null);
  value = $state.raw<PressedValue | null>(null);
  redacting = $state.raw<Redacting | null>(null);

  /** Closes what is about the open exchange. */
  closeValues(): void {
    this.placeholder = null;
    this.value = null;
    this.redacting = null;
  }
}
