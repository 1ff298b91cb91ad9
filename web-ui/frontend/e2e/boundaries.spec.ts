import { expect, NOW, test } from './page';

test('the history says who changed what, from where, and why', async ({ open }) => {
  const page = await open('/?view=boundaries');
  const row = page.getByTestId('history-row').first();
  await expect(row).toContainText('2026-11-29 10:25:00');
  await expect(row).toContainText('page 10.1.2.9, session 3f2a9c');
  await expect(row).toContainText('rule sampled (host:*.example.com: metadata, 1% by client) added');
  await expect(row).toContainText('INC-123');
  await expect(page.getByTestId('history-row').nth(1)).toContainText('level metadata → full');
});

test('the timeline shows ranges, what is missing and snapshots, of as long as is chosen', async ({
  open,
  page: window,
}) => {
  // It reaches back from the browser's clock.
  await window.clock.setFixedTime(NOW);
  const page = await open('/?view=boundaries');
  const timeline = page.getByTestId('timeline');
  for (const lane of ['Recorded', 'Missing', 'Snapshots']) await expect(timeline).toContainText(lane);
  await expect(timeline.getByTitle(/^complete\nlevel full/)).toHaveCount(1);
  await expect(timeline.getByTitle(/^complete\nlevel metadata/)).toHaveCount(1);
  await page.getByRole('button', { name: '1 h' }).click();
  await expect(page.getByRole('button', { name: '1 h' })).toHaveAttribute('aria-pressed', 'true');
  await expect(timeline.getByTitle(/^complete\nlevel metadata/)).toHaveCount(0);
});

test('time ranges say whether they are complete, and what is missing', async ({ open }) => {
  const page = await open('/?view=boundaries');
  const ranges = page.getByTestId('range');
  await expect(ranges).toHaveCount(5);
  await expect(ranges.first()).toContainText('complete');
  await expect(ranges.first()).toContainText('rules errors, health, payments, sampled');
  await expect(ranges.nth(1)).toContainText('held back to heads by the budget');
  await expect(ranges.nth(2)).toContainText('12 exchanges dropped: the disk was full, or nearly');
  await expect(ranges.nth(3)).toContainText('dashcam did not run');
});
