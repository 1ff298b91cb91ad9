// Where the page is, in step with the browser's address and its history.
import { changed, format, HOME, parse, type Place } from './location';

/** How a place comes into the history: as an entry of its own that the back button leaves, or in place of the last. */
export type Step = 'push' | 'replace';

/** Browsers refuse more than about a hundred changes of the address in half a minute. */
const WRITE_MS = 350;

export class Navigation {
  place = $state.raw<Place>(HOME);
  readonly #arrive: (place: Place, before: Place) => void;
  #writing: ReturnType<typeof setTimeout> | null = null;
  #writtenAt = -Infinity;

  /** `arrive` is called with each new place, and the one before it. */
  constructor(arrive: (place: Place, before: Place) => void) {
    this.#arrive = arrive;
  }

  /** Goes where the address says, then and whenever the browser goes back or forward; the returned function ends that. */
  start(): () => void {
    const popped = () => {
      this.#cancel();
      this.#enter(parse(location.search));
    };
    const leaving = () => this.#flush();
    addEventListener('popstate', popped);
    addEventListener('pagehide', leaving);
    this.place = parse(location.search);
    history.replaceState(null, '', format(this.place));
    return () => {
      removeEventListener('popstate', popped);
      removeEventListener('pagehide', leaving);
    };
  }

  /** Goes to the place that differs in `change` from this one. */
  go(change: Partial<Place>, step: Step = 'push'): void {
    const next = changed(this.place, change);
    if (format(next) === format(this.place)) return;
    if (step === 'push') this.#flush();
    this.#enter(next);
    if (step === 'push') history.pushState(null, '', format(next));
    else this.#replace();
  }

  #enter(place: Place): void {
    const before = this.place;
    this.place = place;
    this.#arrive(place, before);
  }

  #replace(): void {
    const wait = this.#writtenAt + WRITE_MS - performance.now();
    if (this.#writing !== null) return;
    if (wait <= 0) this.#write();
    else this.#writing = setTimeout(() => this.#write(), wait);
  }

  #write(): void {
    this.#cancel();
    this.#writtenAt = performance.now();
    history.replaceState(null, '', format(this.place));
  }

  #flush(): void {
    if (this.#writing !== null) this.#write();
  }

  #cancel(): void {
    if (this.#writing !== null) clearTimeout(this.#writing);
    this.#writing = null;
  }
}
