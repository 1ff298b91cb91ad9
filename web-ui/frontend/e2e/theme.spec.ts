// Light, dark, or as the system has it.
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
