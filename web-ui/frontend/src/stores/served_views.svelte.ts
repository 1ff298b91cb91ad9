// The ways in which dashcam itself shows a body or a message, and what it shows.
import { fetchMessageView, fetchMessageViews, fetchView, fetchViews } from '../api/calls';
import { messageOf } from '../api/error';
import type { Direction, Viewed, ViewName } from '../api/types';

/** Whose views: a body's, or a message's by its number. */
export interface Viewable {
  exchange: number;
  part: Direction | number;
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
    const names = await namesOf(of).catch(() => []);
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

  async load(of: Viewable, name: string, version: string): Promise<void> {
    const key = `${of.exchange} ${of.part} ${name} ${version}`;
    if (key === this.#key) return;
    this.#key = key;
    try {
      const viewed = await viewOf(of, name);
      if (key !== this.#key) return;
      this.viewed = viewed;
      this.error = null;
    } catch (error) {
      if (key === this.#key) this.error = messageOf(error);
    }
  }
}

const namesOf = async ({ exchange, part }: Viewable) =>
  (typeof part === 'number' ? await fetchMessageViews(exchange, part) : await fetchViews(exchange, part)).views;

const viewOf = ({ exchange, part }: Viewable, name: string) =>
  typeof part === 'number' ? fetchMessageView(exchange, part, name) : fetchView(exchange, part, name);
