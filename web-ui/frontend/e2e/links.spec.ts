import { address, expect, pane, row, test } from './page';

test('a link opens list, exchange and tab', async ({ open }) => {
  const page = await open('/?filter=orders&exchange=1495&tab=timing');
  await expect(pane(page, 1495).getByTestId('waterfall')).toBeVisible();
  await expect(page.getByTestId('tab-overview')).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByTestId('filter')).toHaveValue('orders');
  await expect(row(page, 1495)).toHaveAttribute('aria-selected', 'true');
  await expect(row(page, 1496)).toHaveCount(0);
});

test('what is unknown in a link is as if it were not there', async ({ open }) => {
  const page = await open('/?view=nothing&exchange=1x&tab=__proto__&else=1');
  await expect(row(page, 1500)).toBeVisible();
  await expect(page.getByTestId('detail')).toHaveCount(0);
  expect(address(page)).toBe('/');
});

test('an exchange without messages has no such tab, whatever the link says', async ({ open }) => {
  const page = await open('/?exchange=1495&tab=messages');
  await expect(page.getByTestId('tab-response')).toHaveAttribute('aria-selected', 'true');
  await expect.poll(() => address(page)).toBe('/?exchange=1495');
});

test('an exchange that there is not says so, and can be closed', async ({ open }) => {
  const page = await open('/?exchange=999999');
  await expect(page.getByTestId('detail')).toContainText('There is nothing at');
  await page.getByRole('button', { name: 'Close' }).click();
  expect(address(page)).toBe('/');
});

test('back and forward go through what was chosen', async ({ open }) => {
  const page = await open();
  await row(page, 1499).click();
  await row(page, 1498).click();
  await pane(page, 1498).getByTestId('tab-request').click();
  await page.getByTestId('tab-gaps').click();
  await expect(page.getByTestId('gaps')).toBeVisible();
  expect(address(page)).toBe('/?view=gaps&exchange=1498&tab=request');

  await page.goBack();
  await expect(pane(page, 1498)).toBeVisible();
  await page.goBack();
  await expect(pane(page, 1499)).toBeVisible();
  await expect(row(page, 1499)).toHaveAttribute('aria-selected', 'true');
  await page.goBack();
  await expect(page.getByTestId('detail')).toHaveCount(0);
  expect(address(page)).toBe('/');

  await page.goForward();
  await expect(pane(page, 1499)).toBeVisible();
  await page.goForward();
  await page.goForward();
  await expect(page.getByTestId('gaps')).toBeVisible();
});

test('a reload shows the same', async ({ open }) => {
  const page = await open();
  await page.getByTestId('filter').fill('events');
  await expect(row(page, 1499)).toHaveCount(0);
  await row(page, 1489).click();
  await page.getByTestId('tab-messages').click();
  await expect.poll(() => address(page)).toBe('/?filter=events&exchange=1489&tab=messages');
  await page.reload();
  await expect(page.getByTestId('filter')).toHaveValue('events');
  await expect(pane(page, 1489).getByTestId('message-row').first()).toBeVisible();
  await expect(row(page, 1499)).toHaveCount(0);
});

test('the filter is one step of the history, however it is typed', async ({ open }) => {
  const page = await open();
  const filter = page.getByTestId('filter');
  await filter.fill('orders');
  await expect(row(page, 1500)).toHaveCount(0);
  expect(address(page)).toBe('/?filter=orders');
  await filter.fill('orders 201');
  await expect(row(page, 1495)).toHaveCount(0);
  await expect.poll(() => address(page)).toBe('/?filter=orders+201');

  await page.goBack();
  await expect(filter).toHaveValue('');
  await expect(row(page, 1500)).toBeVisible();
  await page.goForward();
  await expect(filter).toHaveValue('orders 201');
  await expect(row(page, 1500)).toHaveCount(0);
  await expect(row(page, 1479)).toBeVisible();
});

test('a deleted exchange is not gone back to', async ({ open }) => {
  const page = await open();
  await row(page, 1500).click();
  await row(page, 1499).click();
  await page.getByTestId('delete').click();
  await expect(row(page, 1499)).toHaveCount(0);
  expect(address(page)).toBe('/');
  await page.goBack();
  await expect(pane(page, 1500)).toBeVisible();
});

test('a deletion from the pane can be undone', async ({ open, mock }) => {
  const page = await open();
  await row(page, 1499).click();
  await pane(page, 1499).getByTestId('delete').click();
  await expect(pane(page, 1499)).toHaveCount(0);
  await expect(row(page, 1499)).toHaveCount(0);
  await page.getByTestId('undo').click();
  await expect(row(page, 1499)).toBeVisible();
  expect(mock.api.has(1499)).toBe(true);
});
