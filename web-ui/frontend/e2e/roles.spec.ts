import { expect, pane, row, test } from './page';

const as = (role: string) => ({ role, via: 'page', token: 'alice', expires_at: '2026-12-24T18:00:00.000000Z' });

test('a viewer sees everything, and nothing that would change something', async ({ open, mock }) => {
  mock.api.role = as('viewer');
  const page = await open();
  await expect(page.getByTestId('role')).toHaveText('viewer');
  await expect(page.getByTestId('role')).toHaveAttribute('title', /token “alice”.*changes nothing.*ends 2026-12-24/s);
  await page.getByTestId('more').click();
  for (const gone of ['level-off', 'clear-all', 'tab-audit']) await expect(page.getByTestId(gone)).toHaveCount(0);
  await page.keyboard.press('Escape');
  await row(page, mock.api.last).click();
  const detail = pane(page, mock.api.last);
  await expect(detail.getByTestId('copy-as')).toBeVisible();
  for (const gone of ['replay', 'pin', 'delete']) await expect(detail.getByTestId(gone)).toHaveCount(0);
  await expect(detail.getByTestId('role-note')).toHaveCount(0);
});

test('without bodies the page says why they are not there', async ({ open, mock }) => {
  mock.api.role = as('viewer-without-bodies');
  const page = await open();
  await expect(page.getByTestId('role')).toHaveText('viewer-without-bodies');
  await page.getByTestId('more').click();
  await expect(page.getByTestId('no-export')).toBeDisabled();
  await expect(page.getByTestId('no-export')).toHaveAttribute('title', /^An export needs the role viewer/);
  await page.keyboard.press('Escape');
  await row(page, mock.api.last).click();
  const detail = pane(page, mock.api.last);
  await page.getByTestId('tab-response').click();
  await expect(detail.getByTestId('role-note')).toHaveText(
    'A body needs the role viewer, and you have the role viewer-without-bodies.',
  );
  for (const gone of ['copy-as', 'har-of-one']) await expect(detail.getByTestId(gone)).toHaveCount(0);
});

test('without bodies an exchange that a link opens asks for none', async ({ open, mock, page }) => {
  mock.api.role = as('viewer-without-bodies');
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  // The role comes after everything else.
  await page.route('**/api/v1/role', async (route) => {
    await expect.poll(() => asked.some((path) => path.endsWith('/api/v1/exchanges'))).toBe(true);
    await route.continue();
  });
  await open(`/?exchange=${mock.api.last}&tab=response`);
  await expect(pane(page, mock.api.last).getByTestId('role-note')).toBeVisible();
  expect(asked.filter((path) => /\/(text|views|view|messages)$/.test(path))).toEqual([]);
});

test('an admin reads the audit log, and goes from it to the exchanges', async ({ open }) => {
  const page = await open('/?view=audit');
  await expect(page.getByTestId('role')).toHaveCount(0);
  const rows = page.getByTestId('audit-row');
  await expect(rows).toHaveCount(5);
  await expect(rows.first()).toContainText('me (uid 1000)');
  await expect(rows.first()).toContainText('40 exchanges');
  await page.getByTestId('audit-action').selectOption('export');
  await expect(rows).toHaveCount(1);
  await expect(rows.first()).toContainText('312 exchanges, format har');
  await page.getByTestId('audit-action').selectOption('');
  await page.getByTestId('audit-who').fill('alice');
  await expect(rows).toHaveCount(2);
  await rows.last().getByRole('button', { name: '#1490' }).click();
  await expect(page).toHaveURL(/\?filter=id%3A1490$/);
});

test('others are told that the audit log is for admins', async ({ open, mock }) => {
  mock.api.role = as('operator');
  const page = await open('/?view=audit');
  await expect(page.getByTestId('role-note')).toHaveText(
    'The audit log needs the role admin, and you have the role operator.',
  );
  await expect(page.getByTestId('level-off')).toBeVisible();
});
