// Names and values that could stand where somebody types in the filter.
import { completeFilter } from '../api/calls';
import type { Completion as Answer, Offer } from '../api/types';

/** How long typing pauses before dashcam is asked. */
const PAUSE_MS = 70;

export class Completion {
  offers = $state.raw<readonly Offer[]>([]);
  /** The text that the offers are for. */
  text = '';
  /** The characters of it that an offer replaces: from this one on (from 0) … */
  from = 0;
  /** … up to this one. */
  to = 0;
  #waiting: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | null = null;

  /**
   * Asks for what could stand behind the first `at` characters of `text`, once typing pauses. Names are offered where
   * one has been begun, or if that `isAsked` for. Until the answer comes, those that still fit stay.
   */
  ask(text: string, at: number, isAsked = false, wait = PAUSE_MS): void {
    this.#cancel();
    this.#narrow(text, at);
    this.#waiting = setTimeout(() => void this.#fetch(text, at, isAsked), wait);
  }

  clear(): void {
    this.#cancel();
    this.offers = [];
  }

  #cancel(): void {
    clearTimeout(this.#waiting);
    this.#asking?.abort();
    this.#asking = null;
  }

  async #fetch(text: string, at: number, isAsked: boolean): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    // A place at which nothing can be offered is no error of the person who types.
    const answer = await completeFilter(text, at, asking.signal).catch(() => null);
    if (asking.signal.aborted) return;
    this.text = text;
    this.from = answer?.from ?? at;
    this.to = answer?.to ?? at;
    this.offers = answer === null ? [] : offered(answer, text, isAsked);
  }

  /** Leaves those that still fit: more of them is typed now, and nothing else has changed. */
  #narrow(text: string, at: number): void {
    const [before, now] = [Array.from(this.text), Array.from(text)];
    const part = (of: string[], from: number, to?: number) => of.slice(from, to).join('');
    const [typed, first] = [part(now, this.from, at), part(before, this.from, this.to)];
    const same = part(now, 0, this.from) === part(before, 0, this.from) && part(now, at) === part(before, this.to);
    if (!same || !begins(typed, first)) {
      this.offers = [];
    } else if (typed !== first) {
      this.offers = this.offers.filter((offer) => begins(offer.text, typed) && offer.text !== typed);
    }
    this.text = text;
    this.to = at;
  }
}

/** The offers of `answer` that help: nothing that is typed already, and no list of all names where none was begun. */
function offered({ from, to, offers }: Answer, text: string, isAsked: boolean): readonly Offer[] {
  const typed = Array.from(text).slice(from, to).join('');
  const names = offers.every(({ meaning }) => meaning !== '');
  if (typed === '' && names && !isAsked) return [];
  return offers.filter((offer) => offer.text !== typed);
}

function begins(text: string, typed: string): boolean {
  return text.toLowerCase().startsWith(typed.toLowerCase());
}
