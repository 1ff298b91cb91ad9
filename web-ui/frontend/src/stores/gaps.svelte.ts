// What the recording misses, hour by hour, the latest first.
import { fetchGapsByHour } from '../api/calls';
import { messageOf } from '../api/error';
import type { LostHour } from '../api/types';
import { total } from '../format/gaps';

/** The hours that are shown: six weeks, if something was lost in each. */
const MOST = 1000;

export class Gaps {
  hours = $state.raw<readonly LostHour[]>([]);
  loaded = $state(false);
  error = $state<string | null>(null);
  /** Exchanges that are missing, of all hours shown. */
  missing = $derived(this.hours.reduce((sum, hour) => sum + total(hour.dropped), 0));
  /** There may be earlier hours. */
  hasMore = $derived(this.hours.length >= MOST);
  #fetching = false;
  #again = false;

  /** Fetches them; news that come meanwhile are one more fetch, however many they are. */
  async refetch(): Promise<void> {
    this.#again = true;
    if (this.#fetching) return;
    this.#fetching = true;
    while (this.#again) {
      this.#again = false;
      await this.#fetch();
    }
    this.#fetching = false;
  }

  async #fetch(): Promise<void> {
    try {
      this.hours = (await fetchGapsByHour(MOST)).hours;
      this.loaded = true;
      this.error = null;
    } catch (error) {
      this.error = messageOf(error);
    }
  }
}
