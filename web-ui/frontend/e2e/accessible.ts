// A check with axe, in both themes.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** The rules that look at colours: with a theme nothing else changes. */
const COLOURS = ['color-contrast', 'link-in-text-block'];

/** Everything that axe finds wrong with the page as it is now, in a line each. */
async function violations(page: Page, rules?: string[]): Promise<string[]> {
  // The page has no frames of other origins: axe need not open a page of its own to join what it found in them.
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ['violations'] });
  const { violations } = await (rules === undefined ? axe : axe.withRules(rules)).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, html, failureSummary }) => `${id}: ${String(target)} ${html} ${failureSummary}`),
  );
}

/** Expects nothing to be wrong with what is shown, light and dark. */
export async function isAccessible(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await violations(page), 'light').toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await violations(page, COLOURS), 'dark').toEqual([]);
}
