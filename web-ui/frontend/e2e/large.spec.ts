// A body of 50 MB in the real dashcam: its rows are there while it is read, and it is searched as a whole. How long that
// takes, `cargo xtask bench --only page` tells.
import { expect, test } from './dashcam';

const MEGABYTES = 50;

test('a JSON document of 50 MB opens at once, and is searched as a whole', async ({ dashcam, open }) => {
  test.setTimeout(180_000);
  await dashcam.send({ path: `/large/${MEGABYTES}` });
  const page = await open();
  const row = page.locator('[data-testid="row"]').first();
  await expect(row).toContainText('/large/50');
  const before = Date.now();
  await row.click();
  await expect(page.getByRole('treeitem').nth(4)).toContainText('"name": "order 0"');
  const opened = Date.now() - before;
  const find = page.getByTestId('find-body');
  await find.fill('order 300000');
  const searched = Date.now();
  await expect(page.getByTestId('find-count')).toHaveText('1 of 1', { timeout: 60_000 });
  const found = Date.now() - searched;
  await expect(page.locator('mark')).toHaveText('order 300000');
  await find.fill('order');
  const again = Date.now();
  await expect(page.getByTestId('find-count')).toHaveText(/^1 of [\d\u2009]{7,}$/);
  const second = Date.now() - again;
  await page.getByTestId('json-level-2').click();
  await expect(page.getByRole('treeitem').nth(2)).toContainText('entries');
  console.log(`first window ${opened} ms, search while it comes ${found} ms, search ${second} ms`);
});
