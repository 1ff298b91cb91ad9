// A HAR file in the browser.
import { expect, pane, test } from './page';
import { isAccessible } from './accessible';
import { dropHar, harOf } from './har_file';
import type { Page } from '@playwright/test';

const FILE = harOf(120);

test('a file that is dropped is shown, and nothing of it is sent', async ({ open }) => {
  const page = await open('/?exchange=1495');
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.method() !== 'GET') sent.push(request.url());
  });
  await dropHar(page, 'session.har', FILE);
  await expect(page.getByTestId('har-banner')).toContainText('session.har: 120 exchanges, in this browser only');
  await page.getByTestId('har-filter').fill('post 500');
  await expect(page.getByTestId('har-row')).toHaveCount(12);
  await page.getByTestId('har-row').first().click();
  await expect(page.getByTestId('har-entry')).toContainText('https://api.example.com/v1/9?q=1');
  await expect(page.getByTestId('har-body')).toHaveText('{\n  "n": 9\n}');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('har-entry')).toHaveCount(0);
  expect(sent).toEqual([]);
  await page.getByTestId('har-close').click();
  await expect(pane(page, 1495)).toBeVisible();
});

test('a file can be chosen, and one that is no HAR file is refused in plain words', async ({ open }) => {
  const page = await open();
  const choose = async (text: string) => {
    await page.keyboard.press('Control+k');
    await page.getByTestId('palette-field').fill('har file');
    const chooser = page.waitForEvent('filechooser');
    await page.keyboard.press('Enter');
    await (await chooser).setFiles({ name: 'a.har', mimeType: 'application/json', buffer: Buffer.from(text) });
  };
  await choose('{}');
  await expect(page.getByTestId('har-problem')).toContainText('no list of exchanges at log.entries');
  await choose(FILE);
  await expect(page.getByTestId('har-banner')).toContainText('120 exchanges');
  await expect(page.getByTestId('har-problem')).toHaveCount(0);
});

test('whoever goes elsewhere leaves the file', async ({ open }) => {
  const page = await open();
  const go = async (text: string) => {
    await dropHar(page, 'session.har', FILE);
    await expect(page.getByTestId('har')).toBeVisible();
    await page.keyboard.press('Control+k');
    await page.getByTestId('palette-field').fill(text);
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('har')).toHaveCount(0);
  };
  await go('1490');
  await expect(page.getByTestId('detail')).toHaveAttribute('data-id', '1490');
  // It was there already.
  await go('1490');
  await dropHar(page, 'session.har', FILE);
  await expect(page.getByTestId('har')).toBeVisible();
  await page.goBack();
  await expect(page.getByTestId('har')).toHaveCount(0);
  await expect(page.getByTestId('detail')).toHaveCount(0);
});

/** Opens the exchange of the file whose number is `id`. */
const openEntry = async (page: Page, id: number) => {
  await page.locator(`[data-testid="har-row"][data-id="${id}"]`).click();
  await expect(page.getByTestId('har-entry')).toHaveAttribute('data-id', String(id));
};

test('an exchange of a file is compared with the recorded one that was open, and with one by its number', async ({
  open,
}) => {
  const page = await open('/?exchange=1495');
  const compared = page.getByTestId('compare');
  await dropHar(page, 'session.har', FILE);
  await openEntry(page, 3);
  await page.getByRole('button', { name: 'Compare with #1495' }).press('Enter');
  await expect(compared.getByRole('heading', { level: 2 })).toHaveText('#1495 compared with #3 of session.har');
  await expect(compared.getByRole('heading', { level: 2 })).toBeFocused();
  await expect(page.getByTestId('compared-fact').first()).toContainText('200 OK');
  await expect(page.getByTestId('compare-request')).toContainText('/v1/2');
  await expect(page.getByTestId('compare-response-body').getByTestId('compared').last()).toContainText('2');
  await isAccessible(page);
  await page.getByTestId('compare-swap').press('Enter');
  await expect(compared.getByRole('heading', { level: 2 })).toHaveText('#3 of session.har compared with #1495');
  await expect(page.getByTestId('compare-swap')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('har-entry')).toHaveAttribute('data-id', '3');
  await expect(page.locator('[data-testid="har-row"][data-id="3"]')).toBeFocused();
  // Wherever the focus is.
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('har-entry')).toHaveCount(0);
  await openEntry(page, 3);

  await page.keyboard.press('Control+k');
  await page.getByTestId('palette-field').fill('compare 1494');
  await page.keyboard.press('Enter');
  await expect(compared.getByRole('heading', { level: 2 })).toHaveText('#3 of session.har compared with #1494');
  await compared.getByRole('button', { name: '#1494' }).click();
  await expect(pane(page, 1494)).toBeVisible();
});

test('an exchange of a file is kept, and compared with one of another file and with one in the list', async ({
  open,
}) => {
  const page = await open();
  const heading = page.getByTestId('compare').getByRole('heading', { level: 2 });
  await dropHar(page, 'session.har', FILE);
  await openEntry(page, 5);
  await page.keyboard.press('m');
  await expect(page.getByTestId('har-keep')).toHaveAttribute('aria-pressed', 'true');
  // Another file of the same name has its own exchanges.
  await dropHar(page, 'session.har', FILE.replace('{\\"n\\":4}', '{\\"n\\":5}'));
  await openEntry(page, 5);
  await expect(page.getByTestId('har-keep')).toHaveAttribute('aria-pressed', 'false');
  await page.keyboard.press('M');
  await expect(heading).toHaveText('#5 of session.har compared with #5 of session.har');
  await expect(page.getByTestId('compare-response-body').getByTestId('compared')).toHaveText([/4.*5/]);
  await page.getByTestId('compare-close').click();
  await page.getByTestId('har-close').click();

  await page.locator('[data-testid="row"][data-id="1495"]').click();
  await pane(page, 1495).getByTestId('compare-kept').click();
  await expect(heading).toHaveText('#5 of session.har compared with #1495');
  await page.keyboard.press('Escape');
  await expect(pane(page, 1495)).toBeVisible();
});
