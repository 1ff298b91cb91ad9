import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, pane, row, test } from './page';

/** Everything that axe finds wrong with the page as it is now, in a line each. */
async function violations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${String(target)} ${failureSummary}`),
  );
}

async function level(page: Page, name: string): Promise<void> {
  await page.getByTestId(`level-${name}`).click();
  await page.getByTestId('level-current').filter({ hasText: name }).waitFor();
}

/** Looks of the page, by name: the address, and the way there from it. */
const LOOKS: [string, string, (page: Page) => Promise<void>][] = [
  ['the list', '/', (page) => row(page, 1500).waitFor()],
  ['a filtered list', '/?filter=failed+refused', (page) => page.getByTestId('empty-state').waitFor()],
  [
    'names to complete',
    '/',
    async (page) => {
      await page.getByTestId('filter').pressSequentially('h');
      await page.getByTestId('choice').first().waitFor();
      await page.keyboard.press('ArrowDown');
    },
  ],
  [
    'recent filters and presets',
    '/?filter=orders',
    async (page) => {
      await page.getByTestId('filter').press('Enter');
      await page.getByTestId('clear-filter').click();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await page.getByTestId('choice').nth(1).waitFor();
    },
  ],
  ['the help of the filter', '/', (page) => page.getByTestId('filter-help').click()],
  [
    'the filter language',
    '/',
    async (page) => {
      await page.getByTestId('filter-help').click();
      await page.getByTestId('whole-language').click();
      await page.getByTestId('language').getByRole('heading', { name: 'Grammar' }).waitFor();
    },
  ],
  [
    'presets',
    '/?filter=orders',
    async (page) => {
      await page.getByTestId('filter').press('Enter');
      await page.getByTestId('presets').click();
      await page.getByTestId('preset').getByRole('button', { name: 'Delete' }).click();
      await page.getByTestId('keep-name').fill('no name');
      await page.getByTestId('keep').click();
      await page.getByTestId('keep-error').waitFor();
    },
  ],
  [
    'the values of an exchange',
    '/?exchange=1495',
    async (page) => {
      await page.getByTestId('values').click();
      await page.getByTestId('value').first().locator('.only').click();
    },
  ],
  ['a response', '/?exchange=1495', (page) => pane(page, 1495).getByTestId('body-text').waitFor()],
  ['a request', '/?exchange=1496&tab=request', (page) => pane(page, 1496).getByTestId('headers-both').waitFor()],
  ['a failure', '/?exchange=1492', (page) => pane(page, 1492).getByTestId('failure').waitFor()],
  ['a refusal', '/?exchange=1499', (page) => pane(page, 1499).getByTestId('failure').waitFor()],
  ['messages', '/?exchange=1500&tab=messages', (page) => page.getByTestId('message-row').nth(3).click()],
  ['an overview', '/?exchange=1496&tab=overview', (page) => page.getByTestId('certificates').first().waitFor()],
  ['raw', '/?exchange=1496&tab=raw', (page) => page.getByTestId('raw-response').waitFor()],
  ['a body in hex', '/?exchange=1495', (page) => page.getByTestId('view-hex').click()],
  ['no such exchange', '/?exchange=999999', (page) => page.getByText('There is nothing').waitFor()],
  ['failed connections', '/?view=connections', (page) => page.getByTestId('connection-row').first().waitFor()],
  ['gaps', '/?view=gaps', (page) => page.getByTestId('gap-row').first().waitFor()],
  ['the rules', '/?view=rules', (page) => page.getByTestId('rule').first().waitFor()],
  [
    'a rule that moves',
    '/?view=rules',
    async (page) => {
      await page.getByTestId('handle').first().focus();
      await page.keyboard.press('ArrowDown');
    },
  ],
  [
    'the form of a rule',
    '/?view=rules',
    async (page) => {
      await page.getByTestId('edit-rule').first().click();
      await page.getByTestId('rule-sample').fill('half');
      await page.getByTestId('rule-match').pressSequentially(' h');
      await page.getByTestId('choice').first().waitFor();
    },
  ],
  [
    'the control of the recording',
    '/',
    async (page) => {
      await page.getByTestId('recording-control').click();
      await page.getByTestId('lease-span').fill('soon');
      await page.getByTestId('lease-problem').waitFor();
    },
  ],
  [
    'a lease',
    '/',
    async (page) => {
      await page.getByTestId('recording-control').click();
      await page.getByTestId('lease-size').fill('1GB');
      await page.getByTestId('begin-lease').click();
      await page.getByTestId('leases').getByTestId('lease').waitFor();
    },
  ],
  ['snapshots', '/?view=snapshots', (page) => page.getByTestId('snapshot').first().waitFor()],
  [
    'taking a snapshot',
    '/?view=snapshots',
    async (page) => {
      await page.getByTestId('take-snapshot').click();
      await page.getByTestId('snapshot-dialog').waitFor();
    },
  ],
  ['boundaries', '/?view=boundaries', (page) => page.getByTestId('history-row').first().waitFor()],
  ['the audit log', '/?view=audit', (page) => page.getByTestId('audit-row').first().waitFor()],
  [
    'the form of a replay',
    '/?exchange=1495',
    async (page) => {
      await page.getByTestId('edit-replay').click();
      await page.getByTestId('edit-url').fill('no address');
      await page.getByTestId('problem').waitFor();
    },
  ],
  [
    'a redacted request',
    '/?exchange=1490&tab=request',
    async (page) => {
      await page.getByTestId('body-text').getByTestId('chip').first().click();
      await page.getByTestId('chip-menu').waitFor();
    },
  ],
  ['redacted messages', '/?exchange=1489&tab=messages', (page) => page.getByTestId('message-row').nth(1).click()],
  [
    'redaction',
    '/',
    async (page) => {
      await page.getByTestId('redaction').click();
      await page.getByTestId('redaction-set').first().waitFor();
      await page.getByTestId('add-field').selectOption('json');
      await page.getByTestId('add-name').fill('pin');
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
  ],
  [
    'a replay of a redacted request',
    '/?exchange=1490&tab=request',
    async (page) => {
      await page.getByTestId('edit-replay').click();
      await page.getByTestId('secret').first().waitFor();
    },
  ],
  ['level off', '/', (page) => level(page, 'off')],
  ['level metrics', '/', (page) => level(page, 'metrics')],
  ['level metadata', '/', (page) => level(page, 'metadata')],
  ['the menu', '/', (page) => page.getByTestId('more').click()],
  [
    'a question',
    '/',
    async (page) => {
      await page.getByTestId('more').click();
      await page.getByTestId('clear-all').click();
    },
  ],
  [
    'signing out',
    '/',
    async (page) => {
      await page.getByTestId('more').click();
      await page.getByTestId('sign-out').click();
    },
  ],
];

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    for (const [name, address, arrive] of LOOKS) {
      test(`axe finds nothing wrong with ${name}`, async ({ open }) => {
        const page = await open(address);
        await arrive(page);
        expect(await violations(page)).toEqual([]);
      });
    }
  });
}

test('axe finds nothing wrong where dashcam is locked', async ({ open, mock }) => {
  const page = await open();
  mock.api.locked = true;
  await page.getByTestId('locked').waitFor();
  expect(await violations(page)).toEqual([]);
});
