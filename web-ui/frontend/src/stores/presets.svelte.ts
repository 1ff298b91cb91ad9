// The filters that are kept under a name, in the recording: everybody who uses it has them.
import { fetchPresets, keepPreset, removePreset } from '../api/calls';
import { messageOf } from '../api/error';
import type { Preset } from '../api/types';
import * as texts from '../texts/notices';

/** Names that dashcam takes. */
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

export class Presets {
  /** By their names. */
  list = $state.raw<readonly Preset[]>([]);
  loaded = $state(false);
  error = $state<string | null>(null);

  async refetch(): Promise<void> {
    try {
      this.list = (await fetchPresets()).presets;
      this.error = null;
      this.loaded = true;
    } catch (error) {
      this.error = messageOf(error);
    }
  }

  has(name: string): boolean {
    return this.list.some((preset) => preset.name === name);
  }

  /** Those whose filters name the preset `name`. */
  using(name: string): Preset[] {
    return this.list.filter(({ filter }) => renamed(filter, name, '') !== filter);
  }

  /** Keeps `filter` under `name`, in place of the one that had it. Throws if that fails. */
  async keep(name: string, filter: string): Promise<void> {
    checkName(name);
    await keepPreset(name, filter);
    await this.refetch();
  }

  /** Gives a preset another name, and lets the others name it by that. Throws if that fails. */
  async rename(from: string, to: string): Promise<void> {
    checkName(to);
    const preset = this.list.find(({ name }) => name === from);
    if (preset === undefined || from === to) return;
    if (this.has(to)) throw new Error(texts.presetExists(to));
    try {
      // The new one first: at no time is there none.
      await keepPreset(to, preset.filter);
      for (const { name, filter } of this.using(from)) await keepPreset(name, renamed(filter, from, to));
      await removePreset(from);
    } finally {
      await this.refetch();
    }
  }

  /** Throws if that fails. */
  async remove(name: string): Promise<void> {
    await removePreset(name);
    await this.refetch();
  }
}

/** `filter` with the preset `from` under the name `to`. */
export function renamed(filter: string, from: string, to: string): string {
  return filter.replaceAll(/(preset:=?)(["']?)([A-Za-z0-9_-]+)\2(?![A-Za-z0-9_-])/gi, (all, field: string, _, name) =>
    name === from ? `${field}${to}` : String(all),
  );
}

function checkName(name: string): void {
  if (!NAME.test(name)) {
    throw new Error(texts.presetName);
  }
}
