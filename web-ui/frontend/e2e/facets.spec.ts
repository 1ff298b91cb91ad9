// The most frequent values beside the list.
import { expect, row, test } from './page';

test('a value is filtered for, and another one out', async ({ open }) => {
  const page = await open();
  await page.keyboard.press('c');
  const hosts = page.getByTestId('facet-host').getByTestId('facet-value');
  await expect(hosts.first()).toContainText('api.example.com');
  await hosts.first().click();
  await expect(page.getByTestId('filter')).toHaveValue('host:=api.example.com');
  await expect(hosts).toHaveCount(1);
  await expect(hosts.first()).toHaveAttribute('aria-pressed', 'true');
  await expect(row(page, 1500)).toHaveCount(0);

  await page.getByTestId('facet-status').getByTestId('facet-out').first().click();
  await expect(page.getByTestId('filter')).toHaveValue('host:=api.example.com -status:200');
  await expect(page.getByTestId('facet-status')).not.toContainText('200');

  await hosts.first().click();
  await expect(page.getByTestId('filter')).toHaveValue('-status:200');
  await page
    .getByTestId('facet-method')
    .getByTestId('facet-value')
    .filter({ hasText: 'POST' })
    .click({ modifiers: ['Alt'] });
  await expect(page.getByTestId('filter')).toHaveValue('-status:200 -method:=POST');
});

test('a program is filtered for, and those that no program is known of', async ({ open }) => {
  const page = await open();
  await page.keyboard.press('c');
  const programs = page.getByTestId('facet-program').getByTestId('facet-value');
  await expect(programs.first()).toContainText('python3');
  await programs.first().click();
  await expect(page.getByTestId('filter')).toHaveValue('program:=python3');
  await expect(programs).toHaveCount(1);
  await expect(row(page, 1500)).toHaveCount(0);
  await expect(row(page, 1499)).toBeVisible();
  await page.getByTestId('facet-program').getByTestId('facet-out').click();
  await expect(page.getByTestId('filter')).toHaveValue('-program:=python3');
  await expect(programs).toHaveText(/\(none\)/);
  await expect(row(page, 1500)).toBeVisible();
});

test('what has no value can be asked for', async ({ open }) => {
  const page = await open();
  await page.getByTestId('toggle-facets').click();
  const none = page.getByTestId('facet-status').getByTestId('facet-value').filter({ hasText: '(none)' });
  await none.click();
  await expect(page.getByTestId('filter')).toHaveValue('-status:*');
  await expect(row(page, 1499)).toBeVisible();
  await expect(none).toHaveAttribute('aria-pressed', 'true');
  await none.click();
  await expect(page.getByTestId('filter')).toHaveValue('');
});

test('the panel is remembered, and asks for nothing while it is closed', async ({ open }) => {
  const page = await open();
  let asked = 0;
  page.on('request', (request) => (asked += request.url().includes('/facets') ? 1 : 0));
  await expect(row(page, 1500)).toBeVisible();
  expect(asked).toBe(0);
  await page.keyboard.press('c');
  await expect(page.getByTestId('facet-host')).toBeVisible();
  await page.reload();
  await expect(page.getByTestId('facet-host')).toBeVisible();
  await page.keyboard.press('c');
  await expect(page.getByTestId('facets')).toHaveCount(0);
});
