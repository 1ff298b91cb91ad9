// Sealed values in clear: each for ten seconds, and only while somebody can be looking.
import { fetchPieceTwice, type Part } from '../api/body_calls';
import { fetchExchange, fetchMessages, fetchText, unsealExchange, unsealMessage, unsealText } from '../api/calls';
import type { PieceName } from '../api/types';
import { clearOf } from '../format/clear';
import * as texts from '../texts/notices';

/** How long a value stays in clear. */
export const SHOWN_MS = 10_000;
/** The most of a body or a message in which a value is looked for: what is shown of them. */
const MOST = 4 * 1024 * 1024;
/** The most of a message that a list carries. */
const MOST_LISTED = 64 * 1024;

/** Where a value stands: in the heads of an exchange, in a body, or in a message. */
export interface Source {
  exchange: number;
  part: 'heads' | Part;
}

export class UnsealedValues {
  /** Clear values by the names of their seals. */
  shown = $state.raw<Readonly<Record<string, string>>>({});
  /** Why values can't be had any more, by the names of their seals. */
  gone = $state.raw<Readonly<Record<string, string>>>({});
  readonly #timers: Record<string, ReturnType<typeof setTimeout>> = {};
  /** Grows when everything is hidden: an answer that comes later is not shown. */
  #turn = 0;

  /** Hides what is in clear when the page goes out of sight, until the returned function is called. */
  start(): () => void {
    const look = () => {
      if (document.hidden) this.hide();
    };
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      this.hide();
    };
  }

  /** Shows the value for which `placeholder` stands, sealed as `id`. Throws if it can't be had. */
  async show(source: Source, id: string, placeholder: string): Promise<void> {
    const turn = this.#turn;
    const [redacted, clear] = await both(source);
    const value = clearOf(redacted, clear, placeholder);
    if (value === null) {
      this.gone = { ...this.gone, [id]: texts.sealGone };
      throw new Error(texts.sealGone);
    }
    if (turn !== this.#turn || document.hidden) return;
    clearTimeout(this.#timers[id]);
    this.shown = { ...this.shown, [id]: value };
    this.#timers[id] = setTimeout(() => this.#hide(id), SHOWN_MS);
  }

  /** Hides all of them. */
  hide(): void {
    this.#turn += 1;
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    this.shown = {};
  }

  #hide(id: string): void {
    this.shown = Object.fromEntries(Object.entries(this.shown).filter(([other]) => other !== id));
  }
}

/** The same part twice: as it is recorded, and with sealed values put back. */
function both({ exchange, part }: Source): Promise<[unknown, unknown]> {
  if (part === 'heads') return Promise.all([fetchExchange(exchange), unsealExchange(exchange)]);
  if (part === 'request' || part === 'response') {
    return Promise.all([fetchText(exchange, part, MOST), unsealText(exchange, part, MOST)]);
  }
  if (typeof part === 'string') return fetchPieceTwice(exchange, part satisfies PieceName, MOST_LISTED);
  const after = part > 0 ? part - 1 : null;
  return Promise.all([fetchMessages(exchange, after, 1, MOST_LISTED), unsealMessage(exchange, part, MOST_LISTED)]);
}
