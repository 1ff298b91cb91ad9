// The filters that were used in this browser, the latest first. They stay in it.

const KEY = 'dashcam.filters';
/** The most that are remembered. */
const MOST = 50;
/** A longer one is pasted rather than remembered. */
const LONGEST = 2000;

export class FilterHistory {
  list = $state.raw<readonly string[]>([]);
  readonly #storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

  constructor(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> = localStorage) {
    this.#storage = storage;
    this.list = this.#read();
  }

  /** Remembers `filter` as the latest. */
  add(filter: string): void {
    const text = filter.trim();
    if (text === '' || text.length > LONGEST || text === this.list[0]) return;
    // Other tabs of the page write there too.
    this.#write([text, ...this.#read().filter((other) => other !== text)].slice(0, MOST));
  }

  remove(filter: string): void {
    this.#write(this.#read().filter((other) => other !== filter));
  }

  clear(): void {
    this.#write([]);
  }

  /** Looks again at what other tabs may have written. */
  refresh(): void {
    this.list = this.#read();
  }

  #read(): readonly string[] {
    try {
      const found: unknown = JSON.parse(this.#storage.getItem(KEY) ?? '[]');
      if (!Array.isArray(found)) return [];
      return found.filter((text): text is string => typeof text === 'string' && text.trim() !== '').slice(0, MOST);
    } catch {
      // Something else wrote there, or the browser lets nobody read: the list begins again.
      return [...this.list];
    }
  }

  #write(list: readonly string[]): void {
    this.list = list;
    try {
      if (list.length === 0) this.#storage.removeItem(KEY);
      else this.#storage.setItem(KEY, JSON.stringify(list));
    } catch {
      // A browser that keeps nothing has the list until the page is closed.
    }
  }
}
