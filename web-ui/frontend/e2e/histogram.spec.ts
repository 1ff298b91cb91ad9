// Exchanges over time above the list: bars, gaps, and a range that becomes the filter's.
import { expect, row, test } from './page';

test('a range is drawn with the pointer', async ({ open }) => {
  const page = await open();
  const chart = page.getByTestId('histogram-chart');
  await expect(page.getByTestId('histogram')).toContainText('410 errors');
  await expect(page.getByTestId('histogram-gap')).toHaveCount(2);
  const box = await chart.boundingBox();
  if (box === null) throw new Error('the chart is in sight');
  const at = (share: number) => [box.x + box.width * share, box.y + 20] as const;
  await page.mouse.move(...at(0.02));
  await page.mouse.down();
  await page.mouse.move(...at(0.1));
  await expect(page.getByTestId('histogram-range')).toBeVisible();
  await page.mouse.up();
  await expect(page.getByTestId('filter')).toHaveValue('since:2026-11-29T09:47:00Z until:2026-11-29T09:52:00Z');
  await expect(row(page, 1500)).toHaveCount(0);
  await expect(page.getByTestId('row').first()).toBeVisible();
  await page.getByTestId('all-times').click();
  await expect(page.getByTestId('filter')).toHaveValue('');
  await expect(row(page, 1500)).toBeVisible();
});

test('a range is chosen with the keyboard, and said', async ({ open }) => {
  const page = await open('/?filter=host:api');
  const chart = page.getByTestId('histogram-chart');
  await chart.focus();
  await chart.press('End');
  await expect(chart).toHaveAttribute('aria-valuetext', /^10:29:00 – 10:30:00: \d+ exchanges, no errors$/);
  await chart.press('Shift+ArrowLeft');
  await expect(chart).toHaveAttribute('aria-valuetext', /^10:28:00 – 10:30:00: /);
  await chart.press('Escape');
  await chart.press('Home');
  await chart.press('ArrowRight');
  await chart.press('Enter');
  await expect(page.getByTestId('filter')).toHaveValue(
    'host:api since:2026-11-29T09:48:00Z until:2026-11-29T09:49:00Z',
  );
});

test('it follows the traffic, and is remembered as closed', async ({ open, mock }) => {
  const page = await open();
  await expect(page.getByTestId('histogram')).toContainText('1 500 exchanges');
  mock.api.begin();
  // On a machine that is slow it is counted again after fifteen seconds.
  await expect(page.getByTestId('histogram')).toContainText('1 501 exchanges', { timeout: 30_000 });
  await page.keyboard.press('h');
  await expect(page.getByTestId('histogram-chart')).toHaveCount(0);
  await page.reload();
  await expect(page.getByTestId('toggle-histogram')).toHaveAttribute('aria-expanded', 'false');
  let asked = 0;
  page.on('request', (request) => (asked += request.url().includes('/histogram') ? 1 : 0));
  mock.api.begin();
  await expect(row(page, 1502)).toBeVisible();
  expect(asked).toBe(0);
  await page.getByTestId('toggle-histogram').click();
  await expect(page.getByTestId('histogram-chart')).toBeVisible();
});

test('figures that are not complete say so', async ({ open, mock }) => {
  mock.api.slow = true;
  const page = await open();
  await expect(page.getByTestId('histogram-incomplete')).toHaveText('not complete: looked at the newest 400');
});
