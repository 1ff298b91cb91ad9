// A filter that is written in a form. No list follows it: once typing pauses, dashcam says whether it can be read.
import { checkFilter } from '../../api/calls';
import { filterFaultOf } from '../../api/error';
import type { FilterFault } from '../../api/types';
import type { FilterHistory } from '../../stores/filter_history.svelte';
import type { Presets } from '../../stores/presets.svelte';
import type { Page } from './entry.svelte';

const PAUSE_MS = 250;

/** The lists from which the field offers whole filters. */
interface Kept {
  readonly presets: Presets;
  readonly history: FilterHistory;
}

export class WrittenFilter implements Page {
  filter = $state('');
  /** The error in the filter, as far as it was judged. */
  fault = $state.raw<FilterFault | null>(null);
  readonly presets: Presets;
  readonly history: FilterHistory;
  #waiting: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | null = null;

  constructor({ presets, history }: Kept, filter = '') {
    this.presets = presets;
    this.history = history;
    this.filter = filter;
  }

  /** The filter without white space around it. */
  get text(): string {
    return this.filter.trim();
  }

  setFilter(text: string): void {
    this.holdFilter(text);
    this.#waiting = setTimeout(() => void this.#check(), PAUSE_MS);
  }

  holdFilter(text: string): void {
    clearTimeout(this.#waiting);
    this.#asking?.abort();
    this.filter = text;
  }

  commitFilter(text: string): void {
    this.holdFilter(text);
    void this.#check();
  }

  async #check(): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    if (this.text === '') {
      this.fault = null;
      return;
    }
    try {
      await checkFilter(this.text, asking.signal);
      if (!asking.signal.aborted) this.fault = null;
    } catch (error) {
      // Any other failure shows when the form is sent.
      if (!asking.signal.aborted) this.fault = filterFaultOf(error);
    }
  }
}
