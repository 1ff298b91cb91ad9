// Looks of the lists, of what is about filters, and of what lies over them.
import { dropHar, harOf } from '../har_file';
import { row } from '../page';
import type { Look } from './look';

export const LISTS: readonly Look[] = [
  ['the list', '/', (page) => row(page, 1500).waitFor(), 'body'],
  ['a filtered list', '/?filter=failed+refused', (page) => page.getByTestId('empty-state').waitFor(), '#view'],
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
    'dialog[open]',
  ],
  [
    'the values of an exchange',
    '/?exchange=1495',
    async (page) => {
      await page.getByTestId('values').click();
      await page.getByTestId('value').first().locator('.only').click();
    },
  ],
  ['failed connections', '/?view=connections', (page) => page.getByTestId('connection-row').first().waitFor()],
  ['gaps', '/?view=gaps', (page) => page.getByTestId('gap-row').first().waitFor()],
  ['boundaries', '/?view=boundaries', (page) => page.getByTestId('history-row').first().waitFor()],
  ['the audit log', '/?view=audit', (page) => page.getByTestId('audit-row').first().waitFor(), '#view'],
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
  [
    'the tree beside the list',
    '/',
    async (page) => {
      await page.keyboard.press('t');
      await page.getByTestId('tree').getByRole('treeitem').first().waitFor();
    },
    '[data-testid="tree"]',
  ],
  ['the dashboard', '/?view=dashboard', (page) => page.getByTestId('clients').waitFor(), '#view'],
  [
    'the palette',
    '/',
    async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByTestId('palette-field').fill('rules');
    },
    'dialog[open]',
  ],
  ['the keys', '/', (page) => page.keyboard.press('?'), 'dialog[open]'],
  [
    'a HAR file',
    '/',
    async (page) => {
      await dropHar(page, 'session.har', harOf(40));
      await page.getByTestId('har-row').nth(4).click();
      await page.getByTestId('har-body').waitFor();
    },
    'main',
  ],
  ['a filter in words', '/?filter=host:api+-status:404', (page) => page.getByTestId('filter-words').waitFor()],
  [
    'a range of the histogram',
    '/',
    async (page) => {
      await page.getByTestId('histogram-chart').press('Home');
      await page.getByTestId('histogram-range').waitFor();
    },
  ],
  [
    'facets',
    '/?filter=host:=api.example.com',
    async (page) => {
      await page.getByTestId('toggle-facets').click();
      await page.getByTestId('facet-host').waitFor();
    },
    '[data-testid="facets"]',
  ],
  [
    'a chart as a table',
    '/?view=dashboard',
    async (page) => {
      await page.getByTestId('chart-rate').getByRole('button', { name: 'Table' }).click();
      await page.getByTestId('chart-rate').getByRole('table').waitFor();
    },
  ],
  [
    'all of the status',
    '/',
    async (page) => {
      await page.getByTestId('more-status').click();
      await page.getByTestId('status-popup').waitFor();
    },
  ],
];
