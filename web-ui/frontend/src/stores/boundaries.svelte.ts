// Which time ranges of the recording are complete, and at which level.
import { fetchBoundaries } from '../api/calls';
import { messageOf } from '../api/error';
import type { RecordedRange } from '../api/types';

export class Boundaries {
  /** The oldest first, without a hole between them. */
  ranges = $state.raw<readonly RecordedRange[]>([]);
  loaded = $state(false);
  error = $state<string | null>(null);

  async refetch(): Promise<void> {
    try {
      this.ranges = (await fetchBoundaries()).ranges;
      this.loaded = true;
      this.error = null;
    } catch (error) {
      this.error = messageOf(error);
    }
  }
}
