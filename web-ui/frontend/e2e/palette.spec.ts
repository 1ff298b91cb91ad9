// The command palette, and the list of keys.
import { address, expect, pane, test } from './page';

test('the palette finds commands, views, filters, formats and exchanges', async ({ open }) => {
  const page = await open('/?exchange=1495');
  const field = page.getByTestId('palette-field');
  const first = page.getByTestId('palette-entry').first();
  const ask = async (text: string) => {
    await page.keyboard.press('Control+k');
    await field.fill(text);
  };
  await ask('1490');
  await expect(first).toContainText('Go to exchange 1490');
  await page.keyboard.press('Enter');
  await expect(pane(page, 1490)).toBeVisible();
  await ask('compare with 1495');
  await expect(first).toContainText('Compare exchange 1490 with 1495');
  await page.keyboard.press('Enter');
  await expect.poll(() => address(page)).toBe('/?view=compare&exchange=1490&with=1495');
  await page.keyboard.press('Escape');
  await ask('capy');
  await expect(first).toContainText('Copy as Python');
  await field.fill('errors');
  await expect(page.getByTestId('palette-entry').filter({ hasText: 'errors: status:5xx' })).toBeVisible();
  await field.fill('no such thing');
  await expect(page.getByTestId('palette')).toContainText('No results for');
  await field.fill('bound');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect.poll(() => address(page)).toContain('view=boundaries');
});

test('it opens from the filter too, and a command may move the focus', async ({ open }) => {
  const page = await open();
  await page.locator('#filter').focus();
  await page.keyboard.press('Control+k');
  await page.getByTestId('palette-field').fill('go to the filter');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('palette')).toHaveCount(0);
  await expect(page.locator('#filter')).toBeFocused();
});

test('all keys are listed', async ({ open }) => {
  const page = await open();
  await page.keyboard.press('?');
  const keys = page.getByTestId('keys');
  await expect(keys).toContainText('Ctrl+K');
  await expect(keys).toContainText('Go to the filter');
  await page.getByTestId('keys-language').click();
  await expect(keys).toHaveCount(0);
  await expect(page.getByTestId('help')).toBeVisible();
});
