// A look of the page: something to see on it.
import type { Page } from '@playwright/test';

/** Its name, the address, the way there from it, and the part of the page whose outline is kept, if one is. */
export type Look = readonly [name: string, address: string, arrive: (page: Page) => Promise<void>, part?: string];
