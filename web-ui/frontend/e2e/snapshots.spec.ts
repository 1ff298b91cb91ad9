import { address, expect, test } from './page';

test('snapshots say what they cover, and whether it is all there', async ({ open }) => {
  const page = await open('/?view=snapshots');
  const [first, second] = [page.getByTestId('snapshot').nth(1), page.getByTestId('snapshot').nth(2)];
  await expect(first).toContainText('2026-11-29 09:28:55 – 09:30:05');
  await expect(first).toContainText('812 exchanges, 3.3 MiB');
  await expect(first.getByTestId('snapshot-state')).toHaveText('complete');
  await expect(second.getByTestId('snapshot-state')).toHaveText('not complete');
  await expect(second).toContainText('of the 60 s asked for it had 12 s');
  await expect(first.getByTestId('export-snapshot')).toHaveAttribute(
    'href',
    '/api/v1/export.har?filter=snapshot%3Aslow-orders',
  );
  await first.getByTestId('open-snapshot').click();
  await expect.poll(() => address(page)).toBe('/?filter=snapshot%3Aslow-orders');
});

test('a snapshot is taken with a reason, and deleted once that is confirmed', async ({ open, mock }) => {
  const page = await open('/?view=snapshots');
  await page.getByTestId('take-snapshot').click();
  await page.getByTestId('snapshot-reason').fill('INC-123');
  await page.getByTestId('take').click();
  const taken = page.locator('[data-testid="snapshot"][data-name="taken-now"]');
  await expect(taken).toContainText('INC-123');
  await taken.getByTestId('remove-snapshot').click();
  await page.getByRole('dialog').getByTestId('confirm').click();
  await expect(taken).toHaveCount(0);
  expect(mock.api.recorded.snapshots.map(({ name }) => name)).toEqual(['crash-1', 'slow-orders', 'inc-123']);
});

test('a recording that is only read shows snapshots, and changes none', async ({ open, mock }) => {
  mock.api.readOnly = true;
  const page = await open('/?view=snapshots');
  await expect(page.getByTestId('snapshot')).toHaveCount(3);
  await expect(page.getByTestId('save-snapshot')).toHaveCount(0);
  await expect(page.getByTestId('take-snapshot')).toHaveCount(0);
  await expect(page.getByTestId('remove-snapshot')).toHaveCount(0);
});

test('the flight recorder says how far back it goes, and that it is too small', async ({ open }) => {
  const page = await open('/?view=snapshots');
  await expect(page.getByTestId('ring')).toContainText(
    'It holds the last 1 min: 3 120 exchanges, 68.0 MiB of 256 MiB.',
  );
  await expect(page.getByTestId('ring')).toContainText('choose a larger --flight');
});

test('what a killed run has left is offered, and stored', async ({ open, mock }) => {
  const page = await open('/?view=snapshots');
  await expect(page.getByTestId('tab-snapshots')).toContainText('1');
  await expect(page.getByTestId('recovered')).toContainText('store it to look at it');
  const left = page.locator('[data-testid="snapshot"][data-name="crash-1"]');
  await expect(left.getByTestId('open-snapshot')).toHaveCount(0);
  await left.getByTestId('save-snapshot').click();
  await expect(left.getByTestId('open-snapshot')).toBeVisible();
  await expect(page.getByTestId('recovered')).toHaveCount(0);
  expect(mock.api.recorded.snapshots.map(({ state }) => state)).toEqual(['stored', 'stored', 'stored']);
});
