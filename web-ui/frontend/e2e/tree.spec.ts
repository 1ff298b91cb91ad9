// The tree of hosts and paths beside the list.
import type { Page } from '@playwright/test';
import { isAccessible } from './accessible';
import { expect, test } from './dashcam';

const node = (page: Page, place: string) => page.locator(`[data-testid="tree-node"][data-place="${place}"]`);

test('hosts lead to their paths, with ids folded, and each filters', async ({ dashcam, open }) => {
  for (const path of ['/v1/orders/1', '/v1/orders/2?x', '/v1/orders', '/v1/users/7', '/status/503'])
    await dashcam.send({ path });
  await dashcam.send({ host: 'www.shop.test', path: '/v1/orders/3' });
  const page = await open('/?filter=method:GET');
  await page.keyboard.press('t');
  await expect(node(page, 'api.shop.test')).toContainText('5 20 %');
  await expect(page.getByTestId('tree-node')).toHaveCount(2);

  // With the keyboard: open, go down, open, filter.
  await node(page, 'api.shop.test').focus();
  await page.keyboard.press('ArrowRight');
  await expect(node(page, 'api.shop.test/v1')).toBeVisible();
  await expect(node(page, 'api.shop.test')).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('ArrowRight');
  await expect(node(page, 'api.shop.test/v1')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(node(page, 'api.shop.test/v1/orders')).toContainText('3');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('filter')).toHaveValue('method:GET host:=api.shop.test path:=/v1/orders,/v1/orders/*');
  await expect(page.getByTestId('row')).toHaveCount(3);
  await expect(node(page, 'api.shop.test/v1/orders')).toHaveAttribute('aria-selected', 'true');
  // The others are still there to go to.
  await expect(node(page, 'www.shop.test')).toBeVisible();
  await isAccessible(page);

  // With the pointer, and as it was when the page is loaded again.
  await node(page, 'api.shop.test/v1/orders').getByTestId('tree-toggle').click();
  await expect(node(page, 'api.shop.test/v1/orders/{id}')).toContainText('/:id');
  await page.reload();
  await node(page, 'api.shop.test/v1/orders/{id}').click();
  await expect(page.getByTestId('filter')).toHaveValue('method:GET host:=api.shop.test path:/v1/orders/*');
  await expect(page.getByTestId('row')).toHaveCount(2);
  await node(page, 'api.shop.test/v1/orders/{id}').click();
  await expect(page.getByTestId('filter')).toHaveValue('method:GET');
  await expect(page.getByTestId('row')).toHaveCount(6);

  // Facets take its place.
  await page.getByTestId('toggle-facets').click();
  await expect(page.getByTestId('tree')).toHaveCount(0);
  await expect(page.getByTestId('facets')).toBeVisible();
});
