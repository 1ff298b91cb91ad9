import type { Page } from '@playwright/test';
import { serve } from '../dev/server.mjs';
import { isAccessible } from './accessible';
import { hasOutline } from './outline';
import { expect, NOW, row, test } from './page';

/** The page of a dashcam that has recorded nothing yet. */
const fresh = test.extend({
  // eslint-disable-next-line no-empty-pattern -- as Playwright asks for it
  mock: async ({}, use) => {
    const mock = await serve({ now: NOW, empty: true });
    await use(mock);
    await mock.close();
  },
});

const OPEN = [{ name: null, mode: 'forward', address: '192.0.2.7:8080', proxy_protocol: false, reuse_port: false }];

const tab = (page: Page, name: string) => page.getByTestId('guide').getByRole('tab', { name, exact: true });

fresh('a first run shows the ways to connect a client, with the real listener and certificate', async ({ open }) => {
  const page = await open();
  await expect(page.getByTestId('request-seen')).toHaveText('Waiting for a request…');
  await expect(page.getByTestId('way-run')).toContainText('dashcam run -- COMMAND');
  await tab(page, 'curl').click();
  await expect(page.getByTestId('way-curl')).toContainText(
    'curl --proxy http://127.0.0.1:8080 --cacert /home/me/.dashcam/ca.pem https://example.com/',
  );
  await page.keyboard.press('ArrowRight');
  await expect(page.getByTestId('way-python')).toContainText('SSL_CERT_FILE=/home/me/.dashcam/ca.pem');
  await tab(page, 'A server').click();
  await expect(page.getByTestId('way-server')).toContainText('https://api.example.com');
  await expect(page.getByTestId('guide').getByRole('link', { name: 'download ca.pem' })).toHaveAttribute(
    'href',
    '/api/v1/ca.pem',
  );
});

fresh('a line is copied as it stands', async ({ context, open }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await open();
  await tab(page, 'curl').click();
  await page.getByTestId('way-curl').getByRole('button', { name: 'Copy' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    'curl --proxy http://127.0.0.1:8080 --cacert /home/me/.dashcam/ca.pem https://example.com/',
  );
});

fresh('the first request takes the place of the guide, and is said to have come', async ({ mock, open }) => {
  const page = await open();
  await expect(page.getByTestId('guide')).toBeVisible();
  const id = mock.api.begin();
  await expect(row(page, id)).toBeVisible();
  await expect(page.getByTestId('guide')).toHaveCount(0);
  await expect(page.getByText('We saw your first request.')).toBeVisible();
});

fresh('a filter that matches nothing shows no guide', async ({ open }) => {
  const page = await open('/?filter=nothing');
  await expect(page.getByText('Nothing matches “nothing”')).toBeVisible();
  await expect(page.getByTestId('guide')).toHaveCount(0);
});

fresh('a phone can’t reach a listener on loopback, and is told how it could', async ({ open }) => {
  const page = await open();
  await tab(page, 'Phone').click();
  await expect(page.getByTestId('way-phone')).toContainText('dashcam listens on this machine only (127.0.0.1:8080)');
  await expect(page.getByTestId('way-phone')).toContainText('dashcam --listen-host 0.0.0.0');
});

fresh('a phone gets host and port, and a code that leads to the set-up', async ({ mock, open }) => {
  mock.api.listeners = OPEN;
  const page = await open();
  await tab(page, 'Phone').click();
  const way = page.getByTestId('way-phone');
  await expect(way).toContainText('host 192.0.2.7, port 8080');
  await expect(way.getByRole('img', { name: 'QR code of http://dashcam.test/' })).toBeVisible();
  await expect(way).not.toContainText('listens on this machine only');
});

test('the guide opens at any time, and says when a request has come since', async ({ mock, open }) => {
  const page = await open();
  await page.getByTestId('connect').click();
  const dialog = page.getByTestId('connect-dialog');
  await expect(dialog.getByTestId('request-seen')).toHaveText('Waiting for a request…');
  mock.api.begin();
  await expect(dialog.getByTestId('request-seen')).toContainText('We saw a request since you opened this');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await page.keyboard.press('C');
  await expect(dialog).toBeVisible();
});

test('a client that rejected the certificate gets the steps for what it is', async ({ open }) => {
  const page = await open('/?view=connections');
  const failed = page.getByTestId('connection-row').and(page.locator('[data-id="412"]'));
  const steps = failed.getByTestId('trust-steps');
  await steps.getByText('This client does not trust dashcam yet: here is how').click();
  await expect(steps).toContainText('It is probably Node.js.');
  await expect(steps).toContainText('NODE_EXTRA_CA_CERTS=');
  // It is not on dashcam's machine, so the path there says nothing to it.
  await expect(steps).toContainText('http://dashcam.test/ca.pem');
  await expect(
    page.getByTestId('connection-row').and(page.locator('[data-id="377"]')).getByTestId('trust-steps'),
  ).toHaveCount(0);
  await expect(page.getByTestId('rejected-row').first().getByTestId('trust-steps')).toBeVisible();
  await expect(page.getByTestId('rejected-row').last().getByTestId('trust-steps')).toHaveCount(0);
});

fresh('on a narrow page nothing of the guide is cut off', async ({ open }) => {
  const page = await open();
  await page.setViewportSize({ width: 360, height: 740 });
  for (const name of ['This shell', 'Docker', 'Phone']) {
    await tab(page, name).click();
    const wider = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(wider, name).toBe(false);
    const panel = await page.getByTestId('guide').boundingBox();
    expect((panel?.x ?? -1) >= 0 && (panel?.x ?? 0) + (panel?.width ?? 999) <= 360, name).toBe(true);
  }
});

fresh('axe finds nothing wrong with the guide, and its outline is as it was', async ({ mock, open }) => {
  mock.api.listeners = OPEN;
  const page = await open();
  await page.getByTestId('guide').getByText('macOS').click();
  await hasOutline(page.getByRole('main'), 'a first run');
  await isAccessible(page);
  await tab(page, 'Phone').click();
  await isAccessible(page);
});

test('axe finds nothing wrong with the guide in a dialog, nor with steps to trust', async ({ mock, open }) => {
  const page = await open('/?view=connections');
  for (const steps of await page.getByTestId('trust-steps').all()) await steps.locator('summary').click();
  await isAccessible(page);
  await page.keyboard.press('C');
  await page.getByTestId('request-seen').waitFor();
  mock.api.begin();
  await page.locator('.lit').waitFor();
  await isAccessible(page);
});
