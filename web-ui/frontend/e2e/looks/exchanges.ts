// Looks of an exchange: its parts, its replays, and a comparison.
import { pane } from '../page';
import type { Look } from './look';

export const EXCHANGES: readonly Look[] = [
  [
    'a response',
    '/?exchange=1495',
    (page) => pane(page, 1495).getByTestId('body-text').waitFor(),
    '[data-testid="detail"]',
  ],
  [
    'a request',
    '/?exchange=1496&tab=request',
    (page) => pane(page, 1496).getByTestId('headers-both').waitFor(),
    '#detail-part',
  ],
  ['a failure', '/?exchange=1492', (page) => pane(page, 1492).getByTestId('failure').waitFor(), '#detail-part'],
  ['a refusal', '/?exchange=1499', (page) => pane(page, 1499).getByTestId('failure').waitFor()],
  [
    'messages',
    '/?exchange=1500&tab=messages',
    async (page) => {
      await page.getByTestId('message-row').nth(3).click();
      await page.getByRole('treeitem').first().waitFor();
    },
    '#detail-part',
  ],
  [
    'an overview',
    '/?exchange=1496&tab=overview',
    (page) => page.getByTestId('certificates').first().waitFor(),
    '#detail-part',
  ],
  ['raw', '/?exchange=1496&tab=raw', (page) => page.getByTestId('raw-response').waitFor(), '#detail-part'],
  [
    'a body in hex',
    '/?exchange=1495',
    async (page) => {
      await page.getByTestId('view-hex').click();
      await page.getByTestId('body-hex').locator('[data-row="0"]').waitFor();
    },
  ],
  ['no such exchange', '/?exchange=999999', (page) => page.getByText('There is nothing').waitFor()],
  [
    'the form of a replay',
    '/?exchange=1495',
    async (page) => {
      await page.getByTestId('edit-replay').click();
      await page.getByTestId('edit-url').fill('no address');
      await page.getByTestId('problem').waitFor();
    },
    'dialog[open]',
  ],
  [
    'a redacted request',
    '/?exchange=1490&tab=request',
    async (page) => {
      await page.getByTestId('body-text').getByTestId('chip').first().click();
      await page.getByTestId('chip-menu').waitFor();
    },
  ],
  [
    'redacted messages',
    '/?exchange=1489&tab=messages',
    async (page) => {
      await page.getByTestId('message-row').nth(1).click();
      await page.getByTestId('message').waitFor();
    },
  ],
  [
    'a replay of a redacted request',
    '/?exchange=1490&tab=request',
    async (page) => {
      await page.getByTestId('edit-replay').click();
      await page.getByTestId('secret').first().waitFor();
    },
  ],
  [
    'redacting a value',
    '/?exchange=1490&tab=request',
    async (page) => {
      await page.getByTestId('redact-body').click();
      await page.getByTestId('redact-place').selectOption('json $.user.pin');
      await page.getByTestId('redact-from-now-on').check();
      await page.getByTestId('redact-count').waitFor();
    },
    'dialog[open]',
  ],
  [
    'two exchanges compared',
    '/?view=compare&exchange=1495&with=1494',
    (page) => page.getByTestId('compared').first().waitFor(),
    '#view',
  ],
  [
    'a new request',
    '/',
    async (page) => {
      await page.keyboard.press('n');
      await page.getByTestId('edit-dialog').getByRole('textbox', { name: 'Body' }).waitFor();
    },
    'dialog[open]',
  ],
  [
    'the result of a replay',
    '/?exchange=1495',
    async (page) => {
      await page.getByTestId('replay').click();
      await pane(page, 1501).getByTestId('compare-original').waitFor();
      await pane(page, 1501).getByTestId('body-text').waitFor();
    },
    '[data-testid="detail"]',
  ],
];
