// Light, dark, or as the system has it; and axe over what this page's figures add, in both.
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './page';

const background = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const [LIGHT, DARK] = ['rgb(255, 255, 255)', 'rgb(19, 22, 27)'];

test('a theme is chosen by hand, and there from the first frame on', async ({ open }) => {
  const page = await open();
  await page.emulateMedia({ colorScheme: 'light' });
  const button = page.getByTestId('theme');
  await page.getByTestId('more').click();
  await expect(button).toHaveAccessibleName('Theme: as the system has it');
  await button.click();
  await button.click();
  await expect(button).toHaveAccessibleName('Theme: dark');
  expect(await background(page)).toBe(DARK);
  // Before the page's own script has run.
  await page.route('**/assets/*.js', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
  await page.reload({ waitUntil: 'domcontentloaded' });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.unroute('**/assets/*.js');
  await page.reload();
  expect(await background(page)).toBe(DARK);
  await page.getByTestId('more').click();
  await button.click();
  expect(await background(page)).toBe(LIGHT);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await background(page)).toBe(DARK);
  await expect(page.locator('html')).not.toHaveAttribute('data-theme');
});

/** Looks of the page, by name: the address, and the way there from it. */
const LOOKS: [string, string, (page: Page) => Promise<void>][] = [
  ['a filter in words', '/?filter=host:api+-status:404', (page) => page.getByTestId('filter-words').waitFor()],
  [
    'a range of the histogram',
    '/',
    async (page) => {
      await page.getByTestId('histogram-chart').press('Home');
      await page.getByTestId('histogram-range').waitFor();
    },
  ],
  [
    'facets',
    '/?filter=host:=api.example.com',
    async (page) => {
      await page.getByTestId('toggle-facets').click();
      await page.getByTestId('facet-host').waitFor();
    },
  ],
  ['the dashboard', '/?view=dashboard', (page) => page.getByTestId('clients').waitFor()],
  [
    'a chart as a table',
    '/?view=dashboard',
    (page) => page.getByTestId('chart-rate').getByRole('button', { name: 'Table' }).click(),
  ],
  ['all of the status', '/', (page) => page.getByTestId('more-status').click()],
];

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    for (const [name, address, arrive] of LOOKS) {
      test(`axe finds nothing wrong with ${name}`, async ({ open }) => {
        const page = await open(address);
        await arrive(page);
        const { violations } = await new AxeBuilder({ page }).analyze();
        const found = violations.flatMap(({ id, nodes }) =>
          nodes.map(({ target, failureSummary }) => `${id}: ${String(target)} ${failureSummary}`),
        );
        expect(found).toEqual([]);
      });
    }
  });
}
