// Exchanges to compare: the one that is kept, and the one in sight.
import { isSame, nameOf, type Chosen } from '../features/compare';
import * as notices from '../texts/notices';
import type { Place } from './location';
import type { Panels } from './panels.svelte';

/** The parts of the page that it needs. */
interface Page {
  readonly place: Place;
  readonly panels: Panels;
  readonly detail: { readonly exchange: { id: number } | null };
  readonly notices: { info: (text: string) => void };
  compare: (left: Chosen, right: Chosen) => void;
}

export class Comparisons {
  /** The exchange that is kept, to compare another one with it. */
  kept = $state.raw<Chosen | null>(null);

  constructor(readonly page: Page) {}

  /** The exchange in sight: that of the file, or else the recorded one. */
  get subject(): Chosen | null {
    const { panels, place, detail } = this.page;
    if (panels.comparing !== null) return null;
    if (panels.har !== null) return panels.entry;
    return place.view === 'exchanges' ? (detail.exchange?.id ?? null) : null;
  }

  /** The exchange to compare it with: the one that is kept, or else the recorded one that is open behind the file. */
  get counterpart(): Chosen | null {
    const { subject, kept } = this;
    if (subject === null) return null;
    if (kept !== null && !isSame(kept, subject)) return kept;
    return typeof subject === 'number' ? null : this.page.place.exchange;
  }

  /** True if the exchange in sight is the one that is kept. */
  get isKept(): boolean {
    return this.kept !== null && this.subject !== null && isSame(this.kept, this.subject);
  }

  /** Keeps the exchange in sight; if it is kept, lets it go. */
  keep(): void {
    const { subject } = this;
    if (subject === null) return;
    this.kept = this.isKept ? null : subject;
    if (this.isKept) this.page.notices.info(notices.keptToCompare(nameOf(subject)));
  }

  /** Compares the exchange in sight with the other one. */
  show(): void {
    const { subject, counterpart } = this;
    if (subject !== null && counterpart !== null) this.page.compare(counterpart, subject);
  }
}
