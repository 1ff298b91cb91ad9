// Two exchanges beside each other.
import { address, expect, pane, test } from './page';
import { isAccessible } from './accessible';

test('a replay is compared with its original', async ({ open }) => {
  const page = await open('/?exchange=1495');
  await page.getByTestId('replay').click();
  await pane(page, 1501).getByTestId('compare-original').click();
  await expect(page.getByTestId('compare')).toContainText('#1495');
  expect(address(page)).toBe('/?view=compare&exchange=1495&with=1501');
  await expect(page.getByTestId('compare-response-body')).toContainText('no difference');
  await page.getByTestId('compare-swap').click();
  expect(address(page)).toBe('/?view=compare&exchange=1501&with=1495');
  await page.keyboard.press('Escape');
  await expect(pane(page, 1501)).toBeVisible();
});

test('what differs is shown, what varies is folded, and the rest on demand', async ({ open }) => {
  const page = await open('/?view=compare&exchange=1495&with=1494');
  const headers = page.getByTestId('compare-response-headers');
  const request = page.getByTestId('compare-request');
  await expect(request.getByTestId('compared').first()).toBeVisible();
  for (const kept of await request.getByTestId('compared').all()) {
    await expect(kept).not.toHaveAttribute('data-change', 'same');
  }
  await page.getByTestId('compare-all').check();
  await expect(headers.locator('[data-change="same"]').first()).toBeVisible();
  await isAccessible(page);
});

test('a comparison can be linked to, and says what is missing', async ({ open }) => {
  const page = await open('/?view=compare&exchange=1495&with=999999');
  await expect(page.getByTestId('compare').locator('.note.bad')).toBeVisible();
  await page.goto(new URL('/?view=compare&exchange=1495', page.url()).href);
  await expect(page.getByTestId('compare')).toContainText('names no two exchanges');
  await expect(page.getByTestId('tab-exchanges')).toHaveAttribute('aria-selected', 'true');
});

test('a comparison fits on a small screen', async ({ open }) => {
  const page = await open('/?view=compare&exchange=1495&with=1494');
  await page.setViewportSize({ width: 360, height: 700 });
  await expect(page.getByTestId('compared').first()).toBeVisible();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
});
