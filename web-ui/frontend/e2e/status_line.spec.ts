// The lower edge of the page.
import { address, expect, test } from './page';

test('it says what passes, and leads to what is missing', async ({ open, mock }) => {
  const page = await open();
  await expect(page.getByTestId('rate')).toHaveText(/^0\s*req\/s$/);
  for (let n = 0; n < 40; n++) mock.api.begin();
  await expect(page.getByTestId('rate')).not.toHaveText(/^0\s/);
  await expect(page.getByTestId('stored')).toHaveText(/1\s540\s+stored/);
  await expect(page.getByTestId('bounds')).toHaveText(/42\.9 MiB of 10\.0 GiB/);
  await page.getByTestId('dropped').click();
  await expect.poll(() => address(page)).toBe('/?view=gaps');
});

test('it never moves', async ({ open, mock }) => {
  const page = await open();
  await expect(page.getByTestId('rate')).toHaveText(/^0\s*req\/s$/);
  const place = async () => (await page.getByTestId('dropped').boundingBox())?.x;
  const before = await place();
  for (let n = 0; n < 100; n++) mock.api.begin();
  await expect(page.getByTestId('rate')).not.toHaveText(/^0\s/);
  expect(await place()).toBe(before);
});

test('where it is narrow the rest is one button away', async ({ open }) => {
  const page = await open();
  await page.setViewportSize({ width: 360, height: 700 });
  await expect(page.getByTestId('dropped')).toBeVisible();
  await expect(page.getByTestId('bounds')).toBeHidden();
  const [line, dropped] = [
    await page.getByTestId('status-line').boundingBox(),
    await page.getByTestId('dropped').boundingBox(),
  ];
  expect(line?.height).toBe(25);
  expect((dropped?.x ?? 0) + (dropped?.width ?? 0)).toBeLessThan(330);
  await page.getByTestId('more-status').click();
  await expect(page.getByTestId('status-popup')).toContainText('127.0.0.1:8080');
  await page.getByTestId('status-popup').getByRole('button', { name: 'Show what is missing' }).click();
  await expect.poll(() => address(page)).toBe('/?view=gaps');
});
