// The ways in which dashcam itself shows a body or a message, and what it shows.
import { fetchView, fetchViews, type Part } from '../api/body_calls';
import { messageOf } from '../api/error';
import type { Viewed, ViewName } from '../api/types';

/** Whose views. */
export interface Viewable {
  exchange: number;
  part: Part;
}

export class ServedViews {
  names = $state.raw<readonly ViewName[]>([]);
  /** It is known which there are. */
  loaded = $state(false);
  #key = '';

  /** Asks which there are; once for each `version` of the body. */
  async load(of: Viewable, version: string): Promise<void> {
    const key = `${of.exchange} ${of.part} ${version}`;
    if (key === this.#key) return;
    this.#key = key;
    // Without an answer there are those of the page.
    const names = await fetchViews(of.exchange, of.part)
      .then(({ views }) => views)
      .catch(() => []);
    if (key !== this.#key) return;
    this.names = names;
    this.loaded = true;
  }

  /** There are none. */
  none(): void {
    this.#key = '';
    this.names = [];
    this.loaded = true;
  }
}

export class ServedView {
  viewed = $state.raw<Viewed | null>(null);
  error = $state<string | null>(null);
  #key = '';

  /** `message` is the type of Protocol Buffers to read it as; null for the one that the exchange names. */
  async load(of: Viewable, name: string, version: string, message: string | null = null): Promise<void> {
    const key = `${of.exchange} ${of.part} ${name} ${version} ${message}`;
    if (key === this.#key) return;
    this.#key = key;
    try {
      const viewed = await fetchView(of.exchange, of.part, name, message);
      if (key !== this.#key) return;
      this.viewed = viewed;
      this.error = null;
    } catch (error) {
      if (key === this.#key) [this.viewed, this.error] = [null, messageOf(error)];
    }
  }
}
