// Columns that tell more than an exchange's own row: clients, tags, gRPC and GraphQL; and the order in the address.
import type { Page } from '@playwright/test';
import { expect, test } from './dashcam';

const cell = (page: Page, id: number, column: string) => page.locator(`[data-key="${id}"] [data-column="${column}"]`);

/** The texts of a column from the top: rows stand in the document in any order. */
const texts = (page: Page, column: string) =>
  page
    .getByTestId('row')
    .evaluateAll(
      (rows, name) =>
        rows
          .sort((one, other) => Number(one.ariaRowIndex) - Number(other.ariaRowIndex))
          .map((row) => row.querySelector(`[data-column="${name}"]`)?.textContent?.trim()),
      column,
    );

test('a 200 that failed looks so, and can be filtered for', async ({ dashcam, open }) => {
  const headers = { 'content-type': 'application/json' };
  const body = '{"operationName":"Cart","query":"query Cart { cart }"}';
  await dashcam.send({ path: '/graphql', method: 'POST', headers, body });
  const rpc = { method: 'POST', headers: { 'content-type': 'application/grpc' } };
  await dashcam.send({ ...rpc, path: '/shop.v1.Orders/Status14' });
  await dashcam.send({ ...rpc, path: '/shop.v1.Orders/Status0' });
  const page = await open();
  await expect(cell(page, 1, 'status')).toHaveText('200 ✕ 1 error');
  await expect(cell(page, 2, 'status')).toHaveText('200 ✕ unavailable');
  await expect(cell(page, 3, 'status')).toHaveText('200');

  await page.getByTestId('columns').click();
  for (const name of ['Client', 'Operation', 'gRPC']) await page.getByRole('checkbox', { name }).check();
  await page.keyboard.press('Escape');
  await expect(cell(page, 1, 'operation')).toHaveText('Cart');
  await expect(cell(page, 2, 'operation')).toHaveText('Orders/Status14');
  await expect(cell(page, 2, 'client')).toHaveText('127.0.0.1');
  await expect(cell(page, 3, 'grpc')).toHaveText('0 ok');

  await cell(page, 1, 'status').click({ modifiers: ['Alt'] });
  await expect(page.getByTestId('filter')).toHaveValue('res.json.errors:*');
  await expect(page.getByTestId('row')).toHaveCount(1);
  await cell(page, 1, 'status').click({ modifiers: ['Alt'] });
  await cell(page, 2, 'status').click({ modifiers: ['Alt'] });
  await expect(page.getByTestId('filter')).toHaveValue('grpc.status:14');
  await expect(page.getByTestId('row')).toHaveCount(1);
});

test('gRPC statuses are sorted by, also with the keyboard; operations, which stand in bodies, are not', async ({
  dashcam,
  open,
}) => {
  const rpc = { method: 'POST', headers: { 'content-type': 'application/grpc' } };
  await dashcam.send({ path: '/plain' });
  await dashcam.send({ ...rpc, path: '/shop.v1.Orders/Status14' });
  await dashcam.send({ ...rpc, path: '/shop.v1.Orders/Status0' });
  const page = await open();
  await page.getByTestId('columns').click();
  for (const name of ['Operation', 'gRPC']) await page.getByRole('checkbox', { name }).check();
  await page.keyboard.press('Escape');
  const grpc = page.getByRole('columnheader', { name: 'gRPC' });
  await grpc.click();
  await expect(page).toHaveURL(/sort=grpc_status$/);
  await expect(grpc).toHaveAttribute('aria-sort', 'descending');
  await expect.poll(() => texts(page, 'grpc')).toEqual(['14 unavailable', '0 ok', '']);
  await grpc.press('Enter');
  await expect(grpc).toHaveAttribute('aria-sort', 'ascending');
  await expect.poll(() => texts(page, 'grpc')).toEqual(['0 ok', '14 unavailable', '']);
  await page.getByRole('columnheader', { name: 'Operation' }).click();
  await expect(page).toHaveURL(/sort=grpc_status&order=asc$/);
  await expect(grpc).toHaveAttribute('aria-sort', 'ascending');
});

test('tags stand in a column of their own as soon as there are any', async ({ dashcam, open }) => {
  await dashcam.send({ path: '/a' });
  await dashcam.send({ path: '/b' });
  const page = await open('/?exchange=1&tab=overview');
  await expect(page.getByRole('columnheader', { name: 'Tags' })).toHaveCount(0);
  await page.getByTestId('note-add').fill('slow red');
  await page.getByTestId('note-add').press('Enter');
  await expect(page.getByTestId('note-tag')).toHaveCount(2);
  await page.keyboard.press('Escape');
  await page
    .getByTestId('detail')
    .getByRole('button', { name: /^Close/ })
    .click();
  await expect(cell(page, 1, 'tags').locator('.hued')).toHaveText(['slow', 'red']);
  await page.getByRole('columnheader', { name: 'Tags' }).click();
  await expect.poll(() => texts(page, 'path')).toEqual(['/a', '/b']);
  await page.reload();
  await cell(page, 1, 'tags').click({ modifiers: ['Alt'] });
  await expect(page.getByTestId('filter')).toHaveValue('tag:=slow');
});

test('the order is in the address, and stays when the page is loaded again', async ({ dashcam, open }) => {
  for (const path of ['/b', '/c', '/a']) await dashcam.send({ path });
  const page = await open();
  const head = page.getByRole('columnheader', { name: /^Path/ });
  await head.click();
  await expect(page).toHaveURL(/\?sort=path$/);
  await head.click();
  await expect(page).toHaveURL(/\?sort=path&order=asc$/);
  await expect(head).toHaveAttribute('aria-sort', 'ascending');
  await expect.poll(() => texts(page, 'path')).toEqual(['/a', '/b', '/c']);
  await page.reload();
  await expect(head).toHaveAttribute('aria-sort', 'ascending');
  await expect(page.locator('[aria-rowindex="2"]')).toContainText('/a');
  await page.goBack();
  await expect(page.locator('[aria-rowindex="2"]')).toContainText('/c');
  await page.goBack();
  await expect(head).not.toHaveAttribute('aria-sort');
  await expect(page.locator('[aria-rowindex="2"]')).toContainText('/a');
});

test('the titles are in the grid', async ({ dashcam, open }) => {
  await dashcam.send({ path: '/a' });
  const page = await open();
  const grid = page.getByRole('grid', { name: /^Exchanges/ });
  await expect(grid.getByRole('row').first()).toHaveAttribute('aria-rowindex', '1');
  await expect(grid).not.toHaveAttribute('aria-owns');
  await expect(grid.locator('[role="rowgroup"] > [role="row"] > [role="columnheader"]').first()).toHaveText('#');
  // Rows go below them, and the place bar begins where they end.
  await page.setViewportSize({ width: 390, height: 700 });
  const head = await grid.getByRole('rowgroup').first().boundingBox();
  await expect
    .poll(async () => (await page.getByTestId('place-bar').boundingBox())?.y)
    .toBeGreaterThanOrEqual((head?.y ?? 0) + (head?.height ?? 0) - 1);
});
