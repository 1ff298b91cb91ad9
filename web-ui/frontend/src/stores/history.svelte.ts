// The history of the settings: who changed what, and why.
import { fetchHistory } from '../api/calls';
import { messageOf } from '../api/error';
import type { SettingsChange } from '../api/types';

/** Changes that are shown. */
const MOST = 200;

export class SettingsHistory {
  /** The latest first. */
  list = $state.raw<readonly SettingsChange[]>([]);
  loaded = $state(false);
  error = $state<string | null>(null);
  /** The change by which the level is as it is, if it is among the latest. */
  since = $derived(levelSince(this.list));

  async refetch(): Promise<void> {
    try {
      this.list = (await fetchHistory(MOST)).changes;
      this.loaded = true;
      this.error = null;
    } catch (error) {
      this.error = messageOf(error);
    }
  }
}

/** The change since which the level is as after the latest one; null if it was before all of `changes`. */
export function levelSince(changes: readonly SettingsChange[]): SettingsChange | null {
  return changes.find(({ from, to }) => from?.level !== to.level) ?? null;
}
