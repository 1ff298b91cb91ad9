// Figures over time, by endpoint and by client.
import { address, expect, test } from './page';

test('charts and tables are of the page’s filter and lead to the list', async ({ open }) => {
  const page = await open('/?view=dashboard&filter=-host:cdn');
  await expect(page.getByTestId('covered')).toContainText('1 364 exchanges; looked at 1 500');
  await expect(page.getByTestId('covered')).toContainText('complete; 12 were not recorded');
  for (const chart of ['rate', 'duration', 'hosts', 'bytes'])
    await expect(page.getByTestId(`chart-${chart}`).locator('canvas')).toBeVisible();
  await expect(page.getByTestId('failing').getByTestId('show-group')).toHaveCount(3);
  await page.getByTestId('failing').getByTestId('show-group').filter({ hasText: 'billing.internal' }).click();
  await expect(page.getByTestId('filter')).toHaveValue('-host:cdn host:=billing.internal path:=/healthz');
  await expect(page.getByTestId('row').first()).toContainText('/healthz');
  expect(address(page)).not.toContain('view=');
});

test('a time range is chosen, and one of the filter counts', async ({ open }) => {
  const page = await open('/?view=dashboard');
  await page.getByTestId('range-15m').click();
  await expect(page.getByTestId('covered')).toContainText('529 exchanges');
  await page.getByTestId('filter').fill('since:2026-11-29T10:29:00Z');
  await page.getByTestId('filter').press('Enter');
  await expect(page.getByTestId('range-filter')).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByTestId('covered')).toContainText('35 exchanges');
  await page.getByTestId('range-all').click();
  await expect(page.getByTestId('filter')).toHaveValue('');
  await expect(page.getByTestId('covered')).toContainText('1 500 exchanges');
});

test('a chart is a table, too, and each of its times filters', async ({ open }) => {
  const page = await open('/?view=dashboard');
  const chart = page.getByTestId('chart-rate');
  await chart.getByRole('button', { name: 'Table' }).click();
  await expect(chart.locator('canvas')).toHaveCount(0);
  await expect(chart.getByRole('columnheader')).toHaveText(['Time', 'requests/s', 'errors/s']);
  await chart.getByRole('button', { name: '2026-11-29 10:00:00' }).click();
  await expect(page.getByTestId('filter')).toHaveValue('since:2026-11-29T10:00:00Z until:2026-11-29T10:01:00Z');
});

test('a range is drawn in a chart', async ({ open }) => {
  const page = await open('/?view=dashboard');
  const box = await page.getByTestId('chart-rate').locator('.u-over').boundingBox();
  if (box === null) throw new Error('the chart is in sight');
  await page.mouse.move(box.x + 50, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + 150, box.y + 40, { steps: 4 });
  await page.mouse.up();
  await expect(page.getByTestId('filter')).toHaveValue(/^since:2026-11-29T\S+ until:2026-11-29T\S+$/);
});

test('nothing, and less than all', async ({ open, mock }) => {
  const page = await open('/?view=dashboard&filter=nothing-like-it');
  await expect(page.getByTestId('dashboard-empty')).toBeVisible();
  mock.api.slow = true;
  await page.getByTestId('clear-filter').click();
  await expect(page.getByTestId('covered')).toContainText('not complete');
});
