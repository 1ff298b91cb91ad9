// A test's page: the built one, over a stand-in of its own that ends with the test.
import { test as base, type Page } from '@playwright/test';
import { serve, type Mock } from '../dev/server.mjs';

/** When the stand-in's recording ends: times on the page are always the same. */
export const NOW = Date.parse('2026-11-29T10:30:00Z');

interface Fixtures {
  mock: Mock;
  /** Opens an address of the page, such as `/?exchange=7`, and waits until it is live. */
  open: (address?: string) => Promise<Page>;
}

export const test = base.extend<Fixtures>({
  // eslint-disable-next-line no-empty-pattern -- as Playwright asks for it
  mock: async ({}, use) => {
    const mock = await serve({ now: NOW });
    await use(mock);
    await mock.close();
  },

  open: async ({ mock, page }, use) => {
    const wrong: string[] = [];
    page.on('pageerror', (error) => wrong.push(String(error)));
    // A filter that can't be read, a missing exchange, rules that were changed meanwhile and a session that has ended are
    // answers, which the page shows; the browser complains.
    page.on('console', (message) => {
      const isAnswer = /status of 40[0149]/.test(message.text());
      if (message.type() === 'error' && !isAnswer) wrong.push(message.text());
    });
    await use(async (address = '/') => {
      await page.goto(new URL(address, mock.url).href);
      await page.getByTestId('live-state').filter({ hasText: 'live' }).waitFor();
      return page;
    });
    // The next test has the same context.
    await page.context().clearPermissions();
    base.expect(wrong, "errors in the browser's console").toEqual([]);
  },
});

export { expect } from '@playwright/test';

/** The part of the page's address from the path on. */
export const address = (page: Page) => page.url().slice(new URL(page.url()).origin.length);

/** The row of exchange `id` in the list. */
export const row = (page: Page, id: number) => page.locator(`[data-testid="row"][data-id="${id}"]`);

/** The pane that shows exchange `id`. */
export const pane = (page: Page, id: number) => page.locator(`[data-testid="detail"][data-id="${id}"]`);
