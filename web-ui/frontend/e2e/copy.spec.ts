// "Copy as…": the request in every format, the exchange and its parts.
import { expect, pane, test } from './page';
import { isAccessible } from './accessible';

const FORMATS = ['curl', 'powershell', 'fetch', 'requests', 'httpx', 'httpie', 'go', 'reqwest', 'hurl', 'http'];

test.beforeEach(({ context }) => context.grantPermissions(['clipboard-read', 'clipboard-write']));

const clipboard = 'navigator.clipboard.readText()';

test('a request is copied in each format', async ({ open }) => {
  const page = await open('/?exchange=1495');
  for (const format of FORMATS) {
    await pane(page, 1495).getByTestId('copy-as').click();
    await page.getByTestId(`copy-${format}`).click();
    await expect(page.getByTestId('copy-menu')).toHaveCount(0);
    await expect.poll(() => page.evaluate(clipboard)).toContain(`# ${format}\nhttps://`);
  }
});

test('so are the exchange, a link to it and its body', async ({ open, mock }) => {
  const page = await open('/?exchange=1495');
  const copy = async (what: string) => {
    await page.getByTestId('copy-as').click();
    await page.getByTestId(`copy-${what}`).click();
  };
  await copy('har');
  await expect.poll(() => page.evaluate(clipboard)).toContain('"entries"');
  await copy('link');
  await expect.poll(() => page.evaluate(clipboard)).toBe(new URL('/?exchange=1495', mock.url).href);
  await copy('body');
  await expect.poll(() => page.evaluate(clipboard)).toContain('12345678901234567890');
});

test('the menu says whether secrets are in it, and the keyboard goes through it', async ({ open }) => {
  const page = await open('/?exchange=1490');
  const button = page.getByTestId('copy-as');
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('copy-secrets')).toContainText('placeholders are copied');
  await expect(page.getByTestId('copy-curl')).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByTestId('copy-powershell')).toBeFocused();
  await isAccessible(page);
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('copy-menu')).toHaveCount(0);
  await expect(button).toBeFocused();
});
