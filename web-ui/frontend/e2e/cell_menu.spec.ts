// Filtering by a cell of the list.
import { expect, row, test } from './page';

const cell = (column: string) => `[data-column="${column}"]`;

test('the second button offers a cell’s value', async ({ open }) => {
  const page = await open();
  await row(page, 1495).locator(cell('status')).click({ button: 'right' });
  const menu = page.getByTestId('cell-menu');
  await expect(menu.getByRole('button')).toHaveText([
    'Filter for status:404',
    'Filter out status:404',
    'Copy the status',
  ]);
  await menu.getByRole('button', { name: 'Filter out' }).click();
  await expect(page.getByTestId('filter')).toHaveValue('-status:404');
  await expect(menu).toHaveCount(0);
  await expect(row(page, 1495)).toHaveCount(0);
  await row(page, 1496).locator(cell('host')).click({ button: 'right' });
  await expect(menu.getByRole('button').first()).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('filter')).toHaveValue('-status:404 host:=api.example.com');
});

test('Alt and a click filter at once, and open nothing', async ({ open }) => {
  const page = await open();
  await row(page, 1495)
    .locator(cell('method'))
    .click({ modifiers: ['Alt'] });
  await expect(page.getByTestId('filter')).toHaveValue('method:=GET');
  await row(page, 1495)
    .locator(cell('host'))
    .click({ modifiers: ['Alt', 'Shift'] });
  await expect(page.getByTestId('filter')).toHaveValue('method:=GET -host:=api.example.com');
  await expect(page.getByTestId('detail')).toHaveCount(0);
});

test('the keyboard’s menu key offers all of a row', async ({ open }) => {
  const page = await open('/?exchange=1495');
  await row(page, 1495).focus();
  await row(page, 1495).dispatchEvent('contextmenu');
  const menu = page.getByTestId('cell-menu');
  await expect(menu.getByRole('button', { name: 'Filter for path:=/v2/orders/9999999' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(menu).toHaveCount(0);
  await expect(row(page, 1495)).toBeFocused();
});
