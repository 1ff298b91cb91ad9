// Looks of what says what is recorded: level, rules, leases, snapshots, redaction.
import type { Page } from '@playwright/test';
import type { Look } from './look';

async function level(page: Page, name: string): Promise<void> {
  await page.getByTestId(`level-${name}`).click();
  await page.getByTestId('level-current').filter({ hasText: name }).waitFor();
}

export const SETTINGS: readonly Look[] = [
  ['the rules', '/?view=rules', (page) => page.getByTestId('rule').first().waitFor(), '#view'],
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
    '#view',
  ],
  [
    'the control of the recording',
    '/',
    async (page) => {
      await page.getByTestId('recording-control').click();
      await page.getByTestId('lease-span').fill('soon');
      await page.getByTestId('lease-problem').waitFor();
    },
    'dialog[open]',
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
  ['snapshots', '/?view=snapshots', (page) => page.getByTestId('snapshot').first().waitFor(), '#view'],
  [
    'taking a snapshot',
    '/?view=snapshots',
    async (page) => {
      await page.getByTestId('take-snapshot').click();
      await page.getByTestId('snapshot-dialog').waitFor();
    },
    'dialog[open]',
  ],
  [
    'redaction',
    '/',
    async (page) => {
      await page.getByTestId('redaction').click();
      await page.getByTestId('redaction-set').first().waitFor();
      await page.getByTestId('add-field').selectOption('json');
      await page.getByTestId('add-name').fill('pin');
    },
    'dialog[open]',
  ],
  ['level off', '/', (page) => level(page, 'off')],
  ['level metrics', '/', (page) => level(page, 'metrics')],
  ['level metadata', '/', (page) => level(page, 'metadata')],
];
