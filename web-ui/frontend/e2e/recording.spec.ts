import { expect, test } from './page';

test('the control says since when and by whom, and takes a reason for a change', async ({ open, mock }) => {
  const page = await open();
  await page.getByTestId('recording-control').click();
  const dialog = page.getByTestId('recording-dialog');
  await expect(dialog.getByTestId('since')).toHaveText('Since 2026-11-29 09:30:00 by cli');
  await dialog.getByTestId('level-why').fill('INC-9');
  await dialog.getByTestId('level-metadata').click();
  await expect(page.getByTestId('level-current')).toHaveText('metadata');
  await expect(dialog.getByTestId('level-why')).toHaveValue('');
  expect(mock.api.settings).toMatchObject({ level: 'metadata', why: 'INC-9' });
});

test('a lease is begun with the list’s filter, seen at a glance, extended, and ended', async ({ open, mock }) => {
  const page = await open('/?filter=orders');
  await expect(page.getByTestId('leases')).toHaveCount(0);
  await page.getByTestId('recording-control').click();
  await expect(page.getByTestId('lease-match')).toHaveValue('orders');
  await page.getByTestId('lease-span').fill('soon');
  await expect(page.getByTestId('lease-problem')).toHaveText('Such as 90s, 10m or 2h.');
  await expect(page.getByTestId('begin-lease')).toBeDisabled();
  await page.getByTestId('lease-span').fill('5m');
  await page.getByTestId('lease-size').fill('500MB');
  await page.getByTestId('lease-count').fill('10000');
  await page.getByTestId('lease-reason').fill('INC-123');
  await page.getByTestId('begin-lease').click();
  await expect(page.getByTestId('recording-dialog')).toHaveCount(0);

  const lease = page.getByTestId('lease');
  await expect(lease).toContainText('orders');
  await expect(lease).toContainText('INC-123');
  await expect(lease.getByTestId('lease-left')).toHaveText(/^(5:00|4:5\d) left$/);
  await expect(lease.getByTestId('lease-exchanges')).toHaveText('132 of 10 000 exchanges');
  await lease.getByTestId('extend-lease').click();
  await expect(lease.getByTestId('lease-left')).toHaveText(/^(15:00|14:5\d) left$/);
  await lease.getByTestId('end-lease').click();
  await expect(lease).toHaveCount(0);
  expect(mock.api.recorded.leases).toMatchObject([{ ended_why: 'ended' }]);

  await page.getByTestId('recording-control').click();
  await expect(page.getByTestId('ended-lease')).toContainText('somebody ended it');
});

test('a step of the budget is said plainly, and what recording costs', async ({ open, mock }) => {
  mock.api.step = 'heads';
  const page = await open();
  await expect(page.getByTestId('budget-step')).toContainText('Bodies are not recorded since');
  await expect(page.getByTestId('budget-step')).toContainText('cpu 7.1 % of 5 %');
  await page.getByTestId('recording-control').click();
  await expect(page.getByTestId('costs')).toContainText('CPU 1.2 % of 5.0 %');
  await page.keyboard.press('Escape');
  mock.api.step = 'full';
  await expect(page.getByTestId('budget-step')).toHaveCount(0);
});

test('a config.toml that can’t be read says where', async ({ open, mock }) => {
  const at = {
    path: '/home/me/.dashcam/config.toml',
    since: '2026-11-29T10:00:00.000000Z',
    at_next_start: ['web_port'],
  };
  const problem = { line: 3, column: 1, text: 'levl = "full"', message: 'there is no key “levl”.' };
  mock.api.config = { ...at, state: 'invalid', problem };
  const page = await open();
  await expect(page.getByTestId('config-invalid')).toContainText('line 3: there is no key “levl”.');
  await expect(page.getByTestId('config-invalid')).toContainText('levl = "full"');
  mock.api.config = { ...at, state: 'in_force', problem: null };
  await expect(page.getByTestId('config-invalid')).toHaveCount(0);
  await page.getByTestId('recording-control').click();
  await expect(page.getByTestId('at-next-start')).toContainText('for web_port');
});

test('the control says since when, and how long a lease still lasts', async ({ open }) => {
  const page = await open();
  await expect(page.getByTestId('since-when')).toHaveText('since 2026-11-29 by cli');
  await page.getByTestId('recording-control').click();
  await page.getByTestId('begin-lease').click();
  await expect(page.getByTestId('control-lease')).toHaveText(/\+ full of everything\s+\d+:\d\d left/);
});
