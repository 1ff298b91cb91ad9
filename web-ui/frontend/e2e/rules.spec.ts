import type { Page } from '@playwright/test';
import { isAccessible } from './accessible';
import { expect, test } from './page';

const rules = (page: Page) => page.getByTestId('rule');
const rule = (page: Page, name: string) => page.locator(`[data-testid="rule"][data-name="${name}"]`);
const names = (page: Page) => rules(page).evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.name));

const AT_FIRST = ['errors', 'health', 'payments', 'sampled'];

test('rules stand in their order, with what each does and how many met it', async ({ open }) => {
  const page = await open('/?view=rules');
  await expect(rules(page)).toHaveCount(4);
  await expect(rule(page, 'errors')).toContainText('status:5xx | dur:>1s | is:error');
  await expect(rule(page, 'errors')).toContainText('kept 7d');
  await expect(rule(page, 'sampled')).toContainText('1% by client');
  await expect(rule(page, 'sampled').getByTestId('rule-counts')).toContainText('4 700 sampled out');
  await expect(page.getByTestId('default-rule')).toContainText('everything else');
  await expect(page.getByTestId('default-rule').getByTestId('level-badge')).toHaveText('full');
});

test('a rule is added, with an error shown in place', async ({ open, mock }) => {
  const page = await open('/?view=rules');
  await page.getByTestId('add-rule').click();
  await page.getByTestId('rule-name').fill('Errors');
  await expect(page.getByTestId('rule-problem')).toContainText('At most 64 of a–z');
  await page.getByTestId('rule-name').fill('errors');
  await expect(page.getByTestId('rule-problem')).toHaveText('Another rule has this name.');
  await page.getByTestId('rule-name').fill('slow');
  await page.getByTestId('rule-match').pressSequentially('h');
  await page.getByTestId('choice').filter({ hasText: 'host:' }).click();
  await page.getByTestId('choice').filter({ hasText: 'api.example.com' }).click();
  await expect(page.getByTestId('rule-match')).toHaveValue('host:api.example.com');
  await page.getByTestId('rule-sample').fill('half');
  await expect(page.getByTestId('save-rule')).toBeDisabled();
  await page.getByTestId('rule-sample').fill('10% by client');
  await page.getByTestId('rule-bodyLimit').fill('64KiB');
  await page.getByTestId('rule-why').fill('INC-7');
  await page.getByTestId('save-rule').click();
  await expect(rule(page, 'slow')).toContainText('bodies ≤ 64.0 KiB');
  expect(mock.api.recorded.rules.at(-1)).toEqual({
    name: 'slow',
    match: 'host:api.example.com',
    level: 'full',
    sample: '10% by client',
    body_limit: 65_536,
    guarantee: 'best_effort',
    keep_for: null,
    follow: null,
  });
  expect(mock.api.recorded.reasons).toEqual(['INC-7']);
});

test('a filter that can’t be read says where, in the form', async ({ open, page: window }) => {
  const fault = { text: 'nix:1', column: 1, message: 'there is no field “nix”', expected: '', suggestion: null };
  const error = { code: 'bad_filter', message: 'there is no field', filter: fault };
  await window.route(/filter=nix/, (route) => route.fulfill({ status: 400, json: { error } }));
  const page = await open('/?view=rules');
  await rule(page, 'health').getByTestId('edit-rule').click();
  await page.getByTestId('rule-match').fill('nix:1');
  await expect(page.getByTestId('rule-dialog').getByTestId('filter-error')).toContainText('there is no field “nix”');
  await page.getByTestId('rule-match').fill('path:/healthz');
  await expect(page.getByTestId('rule-dialog').getByTestId('filter-error')).toHaveCount(0);
});

test('the arrow keys move a rule, Enter leaves it there, Escape puts it back', async ({ open, mock }) => {
  const page = await open('/?view=rules');
  const handle = page.getByRole('button', { name: 'Move sampled' });
  await handle.focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await expect.poll(() => names(page)).toEqual(['errors', 'sampled', 'health', 'payments']);
  await expect(handle).toBeFocused();
  await page.keyboard.press('Escape');
  await expect.poll(() => names(page)).toEqual(AT_FIRST);
  expect(mock.api.recorded.rules.map(({ name }) => name)).toEqual(AT_FIRST);

  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect
    .poll(() => mock.api.recorded.rules.map(({ name }) => name))
    .toEqual(['errors', 'health', 'sampled', 'payments']);
  await expect.poll(() => names(page)).toEqual(['errors', 'health', 'sampled', 'payments']);
  await page.getByTestId('undo-rules').click();
  await expect.poll(() => names(page)).toEqual(AT_FIRST);
  expect(mock.api.recorded.reasons).toEqual(['moved sampled before payments', 'undone: moved sampled before payments']);
});

test('a rule is dragged to another place', async ({ open, mock }) => {
  const page = await open('/?view=rules');
  const box = await page.getByRole('button', { name: 'Move errors' }).boundingBox();
  const to = await rule(page, 'payments').boundingBox();
  if (box === null || to === null) throw new Error('nothing to drag');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + 10, to.y + to.height - 4, { steps: 8 });
  await expect.poll(() => names(page)).toEqual(['health', 'payments', 'errors', 'sampled']);
  await page.mouse.up();
  await expect
    .poll(() => mock.api.recorded.rules.map(({ name }) => name))
    .toEqual(['health', 'payments', 'errors', 'sampled']);
});

test('a rule is deleted once that is confirmed', async ({ open, mock }) => {
  const page = await open('/?view=rules');
  await rule(page, 'health').getByTestId('remove-rule').click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(rules(page)).toHaveCount(4);
  await rule(page, 'health').getByTestId('remove-rule').click();
  await page.getByRole('dialog').getByTestId('confirm').click();
  await expect(rules(page)).toHaveCount(3);
  expect(mock.api.recorded.reasons).toEqual(['deleted health']);
});

test('rules that were changed elsewhere meanwhile are shown, and nothing of them is lost', async ({ open, mock }) => {
  const page = await open('/?view=rules');
  await rule(page, 'payments').getByTestId('edit-rule').click();
  await page.getByTestId('rule-keepFor').fill('30d');
  mock.api.recorded.elsewhere('health');
  await page.getByTestId('save-rule').click();
  await expect(page.getByTestId('rule-error')).toContainText('changed elsewhere meanwhile');
  await expect(rules(page)).toHaveCount(3);
  await page.getByTestId('save-rule').click();
  await expect(rule(page, 'payments')).toContainText('kept 30d');
  expect(mock.api.recorded.rules.map(({ name }) => name)).toEqual(['errors', 'payments', 'sampled']);
});

test('a recording that is only read shows rules, and changes none', async ({ open, mock }) => {
  mock.api.readOnly = true;
  const page = await open('/?view=rules');
  await expect(rules(page)).toHaveCount(4);
  for (const way of ['add-rule', 'edit-rule', 'remove-rule', 'handle', 'edit-default']) {
    await expect(page.getByTestId(way)).toHaveCount(0);
  }
});

test('the exchanges of a rule are shown', async ({ open }) => {
  const page = await open('/?view=rules');
  await rule(page, 'errors').getByRole('button', { name: 'Show' }).click();
  await expect(page.getByTestId('filter')).toHaveValue('rule:=errors');
});

test('rules are asked about an exchange that is described, and about a recorded one', async ({ open }) => {
  const page = await open('/?view=rules');
  await page.getByTestId('test-rules').click();
  await expect(page.getByTestId('ask')).toBeDisabled();
  await page.getByTestId('test-url').fill('api.example.com');
  await expect(page.getByTestId('test-problem')).toHaveText('A URL begins with http:// or https://.');
  await page.getByTestId('test-url').fill('https://api.example.com/v2/orders');
  await page.getByTestId('test-status').fill('503');
  await page.getByTestId('ask').click();
  await expect(page.getByTestId('test-result')).toHaveText('errors decides, by the response’s head: full');
  await expect(page.getByTestId('test-step')).toContainText('`status:5xx` holds');
  await page.keyboard.press('Escape');

  await page.getByTestId('tab-exchanges').click();
  await page.locator('[data-testid="row"][data-id="1495"]').click();
  await expect(page.getByTestId('rule-of')).toContainText('by rule default');
  await page.getByTestId('which-rule').click();
  await expect(page.getByTestId('test-result')).toHaveText('default decides, at its end: full');
  await expect(page.getByTestId('test-step')).toHaveCount(5);
  await page.getByRole('button', { name: 'Show the rules' }).click();
  await expect(page.getByTestId('rules')).toBeVisible();
});

test('where there is no rule yet, an exchange leads to the first one', async ({ open, mock }) => {
  mock.api.recorded.rules = [];
  mock.api.recorded.leases = [];
  const page = await open('/?exchange=1495');
  await page.getByTestId('which-rule').click();
  await expect(page.getByTestId('no-rules')).toContainText('There is no rule yet');
  await expect(page.getByTestId('test-result')).toHaveText('default decides, at its end: full');
  await page.getByTestId('add-first-rule').click();
  await expect(page.getByTestId('rule-dialog')).toBeVisible();
  await isAccessible(page);
});

test('the list can be filtered by the rule of an exchange', async ({ open }) => {
  const page = await open('/?exchange=1497');
  await expect(page.getByTestId('rule-of')).toContainText('by rule errors');
  await expect(page.getByTestId('keep-until')).toContainText('kept until 2026-12-06');
  await page.getByTestId('rule-of').hover();
  await page.getByTestId('rule-of').getByRole('button', { name: 'Only this rule' }).click();
  await expect(page.getByTestId('filter')).toHaveValue('rule:=errors');
});
