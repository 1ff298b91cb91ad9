// Requests that are composed: new ones, recorded ones with edits, and those of curl commands; and repeated ones.
import { expect, pane, test } from './page';
import { isAccessible } from './accessible';

test('a new request is sent, and opened', async ({ open, mock }) => {
  const page = await open();
  await page.keyboard.press('n');
  const dialog = page.getByTestId('edit-dialog');
  await expect(dialog).toContainText('New request');
  await page.getByTestId('edit-method').fill('POST');
  await page.getByTestId('edit-url').fill('https://api.example.com/new?a=1');
  await dialog.getByRole('textbox', { name: 'Headers' }).fill('Content-Type: application/json');
  await dialog.getByRole('textbox', { name: 'Body' }).fill('{"a":[1,2]}');
  await page.getByTestId('format-json').click();
  await expect(page.getByTestId('format-json')).toBeDisabled();
  await isAccessible(page);
  await dialog.getByRole('textbox', { name: 'Body' }).focus();
  await page.keyboard.press('Control+Enter');
  await expect(dialog).toHaveCount(0);
  await expect(pane(page, 1501)).toBeVisible();
  expect(mock.api.sent).toEqual({
    method: 'POST',
    url: 'https://api.example.com/new?a=1',
    headers: [['Content-Type', 'application/json']],
    body: '{\n  "a": [\n    1,\n    2\n  ]\n}',
  });
});

test('what can’t be sent is said', async ({ open }) => {
  const page = await open();
  await page.keyboard.press('n');
  await expect(page.getByTestId('problem')).toHaveCount(0);
  await page.getByTestId('send-replay').click();
  await expect(page.getByTestId('problem')).toContainText('Give a whole URL');
  await page.getByTestId('edit-dialog').getByRole('textbox', { name: 'Headers' }).fill('broken');
  await expect(page.getByTestId('problem').last()).toContainText('Line 1: there is no colon');
});

test('a curl command fills the form', async ({ open, mock }) => {
  const page = await open();
  await page.keyboard.press('n');
  await page.getByTestId('paste-curl').click();
  await page.getByTestId('curl-text').fill('curl "https://a.example/$X"');
  await page.getByTestId('read-curl').click();
  await expect(page.getByTestId('curl-problem')).toContainText('the variable $X');
  await page.getByTestId('curl-text').fill(`curl -k https://api.example.com/x -H 'A: 1' --json '{"a":1}'`);
  await page.getByTestId('read-curl').click();
  await expect(page.getByTestId('curl-text')).toHaveCount(0);
  await expect(page.getByTestId('curl-note')).toContainText('-k is left out');
  await expect(page.getByTestId('edit-method')).toHaveValue('POST');
  await page.getByTestId('send-replay').click();
  await expect(page.getByTestId('edit-dialog')).toHaveCount(0);
  expect(mock.api.sent).toMatchObject({ url: 'https://api.example.com/x', body: '{"a":1}' });
});

test('an edited replay is compared with its original', async ({ open, mock }) => {
  const page = await open('/?exchange=1495');
  await expect(page.getByTestId('detail-status')).toBeVisible();
  await page.keyboard.press('e');
  const dialog = page.getByTestId('edit-dialog');
  await expect(dialog.getByRole('textbox', { name: 'Headers' })).toContainText('Host: api.example.com');
  await page.getByTestId('edit-url').fill('https://api.example.com/other');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByTestId('compare')).toContainText('#1501');
  await expect(page.getByTestId('compare-request').locator('[data-change="changed"]').first()).toBeVisible();
  expect(mock.api.replayed).toMatchObject({ url: 'https://api.example.com/other' });
});

test('a request is repeated', async ({ open, mock }) => {
  const page = await open('/?exchange=1495');
  await page.getByTestId('repeat').click();
  await page.getByTestId('repeat-times').fill('5');
  await page.getByTestId('repeat-at-once').fill('3');
  await page.getByTestId('repeat-host').fill('no host');
  await expect(page.getByTestId('repeat-start')).toBeDisabled();
  await page.getByTestId('repeat-host').fill('other.example.com');
  await page.getByTestId('repeat-start').click();
  await expect(page.getByTestId('repeat-row')).toHaveCount(5);
  await expect(page.getByTestId('repeat-figures')).toContainText('5 of 5 requests');
  await expect(page.locator('[data-testid="repeat-row"][data-outcome="done"]')).toHaveCount(5);
  expect(String(mock.api.replayed?.url)).toContain('https://other.example.com/');
  await isAccessible(page);
  await page.getByTestId('repeat-row').first().getByRole('button').click();
  await expect(page.getByTestId('repeat-dialog')).toHaveCount(0);
  await expect(page.getByTestId('detail')).toBeVisible();
});

test('the rest of a repetition can be cancelled', async ({ open }) => {
  const page = await open('/?exchange=1495');
  await page.getByTestId('repeat').click();
  await page.getByTestId('repeat-times').fill('1000');
  await page.getByTestId('repeat-start').click();
  await expect(page.locator('[data-testid="repeat-row"][data-outcome="done"]').first()).toBeVisible();
  await page.getByTestId('repeat-stop').click();
  await expect(page.locator('[data-testid="repeat-row"][data-outcome="left_out"]').first()).toBeAttached();
  await expect(page.getByTestId('repeat-start')).toBeVisible();
});
