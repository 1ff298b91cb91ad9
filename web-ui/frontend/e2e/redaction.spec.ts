import type { Page } from '@playwright/test';
import { expect, pane, row, test } from './page';

const LOGIN = '/?exchange=1490&tab=request';
const chip = (page: Page, name: string) => page.getByRole('tabpanel').getByRole('button', { name });

test('the set that is on is said, and leads to all sets and added rules', async ({ open, mock }) => {
  const page = await open();
  await page.getByRole('button', { name: 'Redaction payments' }).click();
  const dialog = page.getByTestId('redaction-dialog');
  await expect(dialog).toContainText('1 204 values replaced since dashcam started; 2 bodies and messages withheld');
  await expect(dialog).toContainText('put back for 24 hours');
  await expect(dialog.locator('[data-name="payments"]')).toMatchAriaSnapshot(`
    - group:
      - strong: payments
      - text: on adds to default payments@1a2b3c4d
      - list:
        - listitem: JSON value $..iban, for *.pay.example mask
        - listitem: header x-internal-*
        - listitem: "Left as it is: header x-csrf-token"
  `);
  await page.getByTestId('add-field').selectOption('json');
  await page.getByTestId('add-name').fill('pin');
  await expect(page.getByTestId('add-problem')).toContainText('begins with $');
  await expect(page.getByTestId('add-redaction')).toBeDisabled();
  await page.getByTestId('add-name').fill('$..pin');
  await page.getByTestId('add-on').selectOption('request');
  await page.getByTestId('add-how').selectOption('mask');
  await page.getByTestId('add-redaction').click();
  await expect(page.getByTestId('added-rules')).toContainText('JSON value $..pin of requests');
  expect(mock.api.settings.redaction).toEqual([{ json: '$..pin', on: 'request', how: 'mask' }]);
  await page.getByRole('button', { name: 'Remove JSON value $..pin of requests' }).click();
  await expect(page.getByTestId('added-none')).toBeVisible();
  expect(mock.api.settings.redaction).toEqual([]);
});

test('redaction that is off is said loudly, and for as long as it is', async ({ open, mock }) => {
  mock.api.redaction.set = null;
  const page = await open();
  await expect(page.getByTestId('redaction-off')).toContainText('recorded as they pass');
  await expect(page.getByRole('button', { name: 'Redaction off' })).toBeVisible();
  mock.api.redaction.set = 'default';
  await expect(page.getByTestId('redaction-off')).toHaveCount(0);
});

test('placeholders are marks: in the list, URLs, headers, bodies and messages', async ({ open }) => {
  const page = await open(LOGIN);
  await expect(pane(page, 1490).getByTestId('redacted')).toHaveText('9 values redacted (default)');
  await expect(row(page, 1490)).toContainText('signature');
  await expect(chip(page, 'signature, sealed').first()).toBeVisible();
  for (const name of ['credential, sealed', 'cookie, sealed', 'password, sealed']) {
    await expect(chip(page, name)).toBeVisible();
  }
  await expect(chip(page, 'card, masked')).toHaveAttribute(
    'title',
    /card, masked: 16 to 31 bytes\n~masked\.card\.lt32~/,
  );
  await expect(page.getByTestId('body-note')).toContainText('Decoded and redacted');
  // A selection has all of it.
  const selected = await page.getByTestId('body-text').evaluate((text) => {
    getSelection()?.selectAllChildren(text);
    return String(getSelection());
  });
  expect(selected).toContain('"password": "~sealed.password.0123456789abcdef01234567~"');

  await page.goto(new URL('/?exchange=1489&tab=messages', page.url()).href);
  const message = page.getByTestId('message-row').nth(1);
  await expect(message).toContainText(/"session":"\s*~pseudonym.token|"session":"\s*~/);
  await message.click();
  await expect(page.getByTestId('message-redacted')).toContainText('Decoded and redacted');
  await expect(page.getByTestId('message').getByTestId('chip')).toBeVisible();
});

test('bodies that are withheld, and exchanges from before, say so', async ({ open }) => {
  const page = await open('/?exchange=1487');
  await expect(page.getByTestId('body-note')).toContainText('Withheld: redaction could not read it');
  await page.goto(new URL('/?exchange=1486', page.url()).href);
  await expect(page.getByTestId('not-redacted')).toBeVisible();
});

test('a redacted value leads to the exchanges with the same, from the keyboard too', async ({ open }) => {
  const page = await open(LOGIN);
  await chip(page, 'credential, sealed').focus();
  await page.keyboard.press('Enter');
  const menu = page.getByRole('dialog', { name: 'A redacted value: credential' });
  await expect(menu).toMatchAriaSnapshot(`
    - 'dialog "A redacted value: credential"':
      - paragraph: "credential, sealed: it can be put back for a while."
      - paragraph: ~sealed.credential.aaaabbbbccccddddeeeeffff~
      - button "Exchanges with the same value"
      - button "Copy the placeholder"
      - button "Show in clear for 10 s…"
  `);
  await page.keyboard.press('ArrowDown');
  await expect(menu.getByRole('button', { name: 'Copy the placeholder' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(menu).toHaveCount(0);
  await expect(chip(page, 'credential, sealed')).toBeFocused();
  await page.keyboard.press('Enter');
  await page.getByTestId('same-value').click();
  const id = 'aaaabbbbccccddddeeeeffff';
  await expect(page.getByTestId('filter')).toHaveValue(`url:${id} | header:${id} | body:${id}`);
});

test('a sealed value is shown for ten seconds, once that is confirmed', async ({ open, page: window }) => {
  await window.clock.install();
  const page = await open(LOGIN);
  await chip(page, 'password, sealed').click();
  await page.getByTestId('show-clear').click();
  await expect(page.getByRole('dialog', { name: 'Show this password in clear?' })).toContainText('audit log');
  await page.getByRole('button', { name: 'Show it' }).click();
  await expect(page.getByTestId('in-clear')).toHaveText('hunter2');
  await page.clock.fastForward(10_000);
  await expect(page.getByTestId('in-clear')).toHaveCount(0);
  await expect(chip(page, 'password, sealed')).toBeVisible();
});

test('what is in clear is hidden with the page', async ({ open }) => {
  const page = await open(LOGIN);
  await chip(page, 'cookie, sealed').click();
  await page.getByTestId('show-clear').click();
  await page.getByRole('button', { name: 'Show it' }).click();
  await expect(page.getByTestId('in-clear')).toHaveText('s-9f3c');
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await expect(page.getByTestId('in-clear')).toHaveCount(0);
});

test('a seal that has expired is said', async ({ open }) => {
  const page = await open('/?exchange=1490');
  await page.getByTestId('body-text').getByTestId('chip').nth(1).click();
  await page.getByTestId('show-clear').click();
  await page.getByRole('button', { name: 'Show it' }).click();
  await expect(page.getByTestId('notice')).toContainText('its seal has expired');
  await page.getByTestId('body-text').getByTestId('chip').nth(1).click();
  await expect(page.getByTestId('seal-gone')).toContainText('its seal has expired');
  await expect(page.getByTestId('show-clear')).toHaveCount(0);
});

test('without the role admin nothing is shown in clear or redacted', async ({ open, mock }) => {
  mock.api.role = { role: 'operator', via: 'page', token: 'ci', expires_at: null };
  const page = await open(LOGIN);
  await chip(page, 'password, sealed').click();
  await expect(page.getByTestId('chip-menu')).toContainText('needs the role admin');
  await expect(page.getByTestId('show-clear')).toHaveCount(0);
  for (const way of ['redact-body', 'redact-value']) await expect(page.getByTestId(way)).toHaveCount(0);
});

test('a header’s value is redacted here, and shown as it is then', async ({ open, mock }) => {
  const page = await open(LOGIN);
  await page.getByRole('button', { name: 'Redact X-Customer' }).press('Enter');
  await expect(page.getByTestId('redact-place')).toHaveValue('header x-customer');
  await expect(page.getByTestId('redact-count')).toContainText('1 value in 1 exchange will be replaced');
  await page.getByTestId('redact-send').click();
  await expect(page.getByTestId('redact-dialog')).toHaveCount(0);
  await expect(page.getByTestId('notice')).toContainText('Redacted 1 value in 1 exchange.');
  await expect(chip(page, 'chosen, sealed')).toBeVisible();
  expect(mock.api.redaction.asked).toEqual([{ id: 1490, place: 'request.header:x-customer', scope: 'here' }]);
});

test('a value of a body is redacted everywhere and from now on, counted first, with its rule', async ({
  open,
  mock,
}) => {
  const page = await open(LOGIN);
  await page.getByTestId('body-text').getByText('4711').click();
  await page.getByTestId('redact-pressed').click();
  await expect(page.getByTestId('redact-place')).toHaveValue('json $.user.pin');
  await page.getByTestId('redact-everywhere').check();
  await expect(page.getByTestId('redact-count')).toContainText('312 values in 87 exchanges');
  await page.getByTestId('redact-from-now-on').check();
  await expect(page.getByTestId('redact-rule')).toHaveText(
    '{ json = "$.user.pin", on = "request", host = "api.example.com" }',
  );
  await page.getByTestId('redact-host').uncheck();
  await page.getByTestId('redact-how').selectOption('mask');
  await expect(page.getByTestId('redact-rule')).toHaveText('{ json = "$.user.pin", on = "request", how = "mask" }');
  await expect(page.getByTestId('redact-count')).toBeVisible();
  expect(mock.api.redaction.asked).toEqual([]);
  await page.getByTestId('redact-send').click();
  await expect(page.getByTestId('notice')).toContainText('The rule holds from now on.');
  expect(mock.api.redaction.asked).toEqual([{ id: 1490, place: 'request.json:$.user.pin', scope: 'everywhere' }]);
  expect(mock.api.settings.redaction).toEqual([{ json: '$.user.pin', on: 'request', how: 'mask' }]);
});

test('a redaction that is refused says why', async ({ open }) => {
  const page = await open(LOGIN);
  await page.getByTestId('redact-body').click();
  await expect(page.getByTestId('redact-send')).toBeDisabled();
  await page.getByTestId('redact-place').selectOption('json $.cards[0].holder');
  await expect(page.getByTestId('redact-error')).toContainText('still open');
  await expect(page.getByTestId('redact-send')).toBeDisabled();
});

test('a replay asks for values that nobody has, and puts sealed ones back', async ({ open, mock }) => {
  const page = await open(LOGIN);
  await page.getByTestId('replay').click();
  await expect(page.getByTestId('replay-error')).toContainText('can’t be put back');
  await page.keyboard.press('Escape');

  await page.getByTestId('edit-replay').click();
  await expect(page.getByTestId('sealed-note')).toContainText('Put 4 sealed values back');
  await expect(page.getByTestId('secret')).toHaveCount(2);
  await page.getByTestId('secret').first().fill('4111"1');
  await page.getByTestId('secret').last().fill('t');
  await page.getByTestId('send-replay').click();
  await expect(page.getByTestId('edit-dialog')).toHaveCount(0);
  const { body, unseal } = mock.api.replayed ?? {};
  expect(unseal).toBeUndefined();
  const sent = JSON.parse(String(body)) as { old: string; cards: { number: string }[]; user: { password: string } };
  expect([sent.old, sent.cards[0]?.number]).toEqual(['t', '4111"1']);
  expect(sent.user.password).toBe('~sealed.password.0123456789abcdef01234567~');
});

test('sealed values don’t go to another host unless somebody says so', async ({ open, mock }) => {
  const page = await open(LOGIN);
  await page.getByTestId('edit-replay').click();
  await page.getByTestId('edit-url').fill('https://other.example.com/login');
  await expect(page.getByTestId('other-host')).toContainText('only their placeholders go');
  await expect(page.getByTestId('put-back')).not.toBeChecked();
  await page.getByTestId('put-back').check();
  await expect(page.getByTestId('other-host')).toContainText('Secrets go to another host');
  await page.getByTestId('put-back').uncheck();
  await page.getByTestId('send-replay').click();
  await expect(page.getByTestId('edit-dialog')).toHaveCount(0);
  expect(mock.api.replayed).toMatchObject({ unseal: false, url: 'https://other.example.com/login' });
});

test('a rule has its set', async ({ open, mock }) => {
  const page = await open('/?view=rules');
  await page.getByTestId('edit-rule').first().click();
  await page.getByTestId('rule-redaction').fill('off');
  await expect(page.getByTestId('rule-problem')).toHaveText('A rule can’t turn redaction off.');
  await page.getByTestId('rule-redaction').fill('payments');
  await page.getByTestId('save-rule').click();
  await expect(page.getByTestId('rule').first()).toContainText('redacted by payments');
  expect(mock.api.recorded.rules[0]).toMatchObject({ name: 'errors', redaction: 'payments' });
});
