import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Navigation } from './navigation.svelte';

/** A history of addresses, as a browser keeps it. */
class Addresses {
  entries: string[];
  at = 0;
  writes = 0;
  #popped = () => {};

  constructor(first: string) {
    this.entries = [first];
    vi.stubGlobal('history', {
      pushState: (_: unknown, __: string, address: string) => {
        this.entries = [...this.entries.slice(0, ++this.at), address];
      },
      replaceState: (_: unknown, __: string, address: string) => {
        this.writes += 1;
        this.entries[this.at] = address;
      },
    });
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const self = this;
    vi.stubGlobal('location', {
      get search() {
        return (self.entries[self.at] ?? '').slice(1);
      },
    });
    vi.stubGlobal('addEventListener', (name: string, listener: () => void) => {
      if (name === 'popstate') this.#popped = listener;
    });
    vi.stubGlobal('removeEventListener', () => {});
  }

  move(by: number): void {
    this.at += by;
    this.#popped();
  }
}

const begin = (address: string) => {
  const addresses = new Addresses(address);
  const arrive = vi.fn();
  const navigation = new Navigation(arrive);
  navigation.start();
  return { addresses, arrive, navigation };
};

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('it begins where the address says, and rights it', () => {
  const { addresses, navigation } = begin('/?exchange=7&tab=nothing&view=gaps');
  expect(navigation.place).toMatchObject({ view: 'gaps', exchange: 7, tab: null });
  expect(addresses.entries).toEqual(['/?view=gaps&exchange=7']);
});

test('back and forward go through the places that were pushed', () => {
  const { addresses, arrive, navigation } = begin('/');
  navigation.go({ exchange: 1 });
  navigation.go({ exchange: 2 });
  navigation.go({ exchange: 2 });
  expect(addresses.entries).toEqual(['/', '/?exchange=1', '/?exchange=2']);
  addresses.move(-1);
  expect(navigation.place.exchange).toBe(1);
  expect(arrive.mock.lastCall).toMatchObject([{ exchange: 1 }, { exchange: 2 }]);
  addresses.move(1);
  expect(navigation.place.exchange).toBe(2);
});

test('many replacements are few writes, and none is lost', () => {
  const { addresses, navigation } = begin('/');
  navigation.go({ exchange: 1 });
  for (let id = 2; id <= 100; id++) navigation.go({ exchange: id }, 'replace');
  vi.advanceTimersByTime(1000);
  expect(addresses.entries).toEqual(['/', '/?exchange=100']);
  expect(addresses.writes).toBeLessThan(5);
  navigation.go({ exchange: 101 }, 'replace');
  navigation.go({ exchange: 102 }, 'replace');
  navigation.go({ view: 'gaps' });
  expect(addresses.entries).toEqual(['/', '/?exchange=102', '/?view=gaps&exchange=102']);
});

test('a replacement that is waiting does not follow the reader back', () => {
  const { addresses, navigation } = begin('/');
  navigation.go({ exchange: 1 });
  navigation.go({ exchange: 2 }, 'replace');
  navigation.go({ exchange: 3 }, 'replace');
  addresses.move(-1);
  vi.advanceTimersByTime(1000);
  expect([navigation.place.exchange, addresses.entries[0]]).toEqual([null, '/']);
});
