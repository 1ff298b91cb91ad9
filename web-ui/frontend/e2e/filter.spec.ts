// The filter's field over the real dashcam: what it offers comes from real traffic, and what it says from the language.
import type { Page } from '@playwright/test';
import { HELP } from '../src/features/filter/help';
import { expect, test, type Dashcam } from './dashcam';
import { address } from './page';

const field = (page: Page) => page.getByTestId('filter');
const choices = (page: Page) => page.getByTestId('choice').locator('.text');
const rows = (page: Page) => page.getByTestId('row');

/** Some exchanges: three with `api.shop.test`, one of which is a 503, and two others. */
async function traffic(dashcam: Dashcam): Promise<void> {
  await dashcam.send({ path: '/v1/orders/42?page=2', headers: { 'x-tenant': 'blue' } });
  await dashcam.send({ path: '/status/503', method: 'POST', body: 'a=1' });
  await dashcam.send({ path: '/v1/orders/43' });
  await dashcam.send({ host: 'www.shop.test', path: '/type/text/html' });
  await dashcam.send({ host: 'cdn.shop.test', path: '/status/404' });
}

test.beforeEach(({ dashcam }) => traffic(dashcam));

test('names are completed, then values of the recording', async ({ open }) => {
  const page = await open();
  await field(page).pressSequentially('ho');
  await expect(choices(page)).toHaveText(['host:']);
  await field(page).press('Tab');
  await expect(field(page)).toHaveValue('host:');
  await expect(choices(page).first()).toHaveText('api.shop.test');
  // The list waits for a value: it does not say that there is none.
  await expect(rows(page)).toHaveCount(5);
  await expect(page.getByTestId('filter-error')).toHaveCount(0);
  await field(page).press('ArrowDown');
  await field(page).press('Enter');
  await expect(field(page)).toHaveValue('host:api.shop.test');
  await expect(rows(page)).toHaveCount(3);
  await expect(page.getByTestId('choices')).toHaveCount(0);
});

for (const [typed, offered] of [
  ['~d ', 'api.shop.test'],
  ['path:/v1/orders/4', '/v1/orders/42'],
  ['type:', 'application/json'],
  ['status:5', '5xx'],
  ['header.x-t', 'header.x-tenant:'],
  ['-host:w', 'www.shop.test'],
  ['status:503 (method:', 'POST'],
  ['~web', '~websocket'],
] as const) {
  test(`behind “${typed}” stands ${offered}`, async ({ open }) => {
    const page = await open();
    await field(page).pressSequentially(typed);
    await expect(choices(page).filter({ hasText: offered }).first()).toBeVisible();
  });
}

test('in the middle of a filter the rest stays', async ({ open }) => {
  const page = await open();
  await field(page).fill('hos status:5xx');
  for (let n = 0; n < ' status:5xx'.length; n++) await field(page).press('ArrowLeft');
  await field(page).press('Control+Space');
  await page.getByTestId('choice').filter({ hasText: 'host:' }).click();
  await expect(field(page)).toHaveValue('host: status:5xx');
  await page.keyboard.type('api');
  await expect(field(page)).toHaveValue('host:api status:5xx');
  await expect(rows(page)).toHaveCount(1);
});

test('Enter is the filter’s as long as nothing is chosen, and Escape closes', async ({ open }) => {
  const page = await open();
  await field(page).pressSequentially('stat');
  await expect(page.getByTestId('choices')).toBeVisible();
  await expect(field(page)).toHaveAttribute('aria-expanded', 'true');
  await expect(field(page)).not.toHaveAttribute('aria-activedescendant');
  await field(page).press('Enter');
  await expect(page.getByTestId('choices')).toHaveCount(0);
  await expect(field(page)).toHaveValue('stat');
  await expect.poll(() => address(page)).toBe('/?filter=stat');

  await field(page).press('Control+Space');
  await expect(page.getByTestId('choices')).toBeVisible();
  await field(page).press('ArrowDown');
  const active = await field(page).getAttribute('aria-activedescendant');
  await expect(page.locator(`#${active}`)).toHaveAttribute('aria-selected', 'true');
  await field(page).press('Escape');
  await expect(page.getByTestId('choices')).toHaveCount(0);
  await expect(field(page)).toBeFocused();
  await expect(field(page)).toHaveValue('stat');
  await field(page).press('Escape');
  await expect(field(page)).not.toBeFocused();
});

test('recent filters are offered in the empty field, and by the arrow up', async ({ open }) => {
  const page = await open();
  for (const text of ['status:404', 'staus:1', 'host:api', 'status:404']) {
    await field(page).fill(text);
    await field(page).press('Enter');
    await expect.poll(() => address(page)).toContain(encodeURIComponent(text));
    const shown = page.getByTestId('filter-error').or(rows(page).first());
    await expect(shown).toBeVisible();
  }
  await page.getByTestId('clear-filter').click();
  await page.keyboard.press('ArrowDown');
  // One that can't be read is not worth remembering.
  await expect(choices(page)).toHaveText(['status:404', 'host:api']);
  await field(page).press('Escape');
  await field(page).press('ArrowUp');
  await field(page).press('ArrowUp');
  await expect(field(page)).toHaveValue('host:api');
  await expect(rows(page)).toHaveCount(3);
  await field(page).press('ArrowDown');
  await expect(field(page)).toHaveValue('status:404');
  await field(page).press('ArrowDown');
  await expect(field(page)).toHaveValue('');
  await expect.poll(() => address(page)).toBe('/');

  await page.reload();
  await field(page).click();
  await expect(choices(page)).toHaveText(['status:404', 'host:api']);
  await field(page).press('ArrowDown');
  await field(page).press('Shift+Delete');
  await expect(choices(page)).toHaveText(['host:api']);
  await page.getByTestId('clear-recent').click();
  await expect(page.getByTestId('choices')).toHaveCount(0);
  await page.reload();
  await field(page).click();
  await expect(page.getByTestId('choices')).toHaveCount(0);
});

test('a filter is kept, used, given another name, replaced and deleted', async ({ open }) => {
  const page = await open('/?filter=status%3A5xx');
  const preset = (name: string) => page.locator(`[data-testid="preset"][data-name="${name}"]`);
  await page.keyboard.press('s');
  await expect(page.getByTestId('keep-filter')).toHaveValue('status:5xx');
  await page.getByTestId('keep-name').fill('bad name');
  await page.getByTestId('keep').click();
  await expect(page.getByTestId('keep-error')).toContainText('letters, digits');
  await page.getByTestId('keep-name').fill('errors');
  await page.getByTestId('keep').click();
  await expect(page.getByTestId('kept')).toContainText('preset:errors');
  // A circle is found by dashcam, and said in its place.
  await page.getByTestId('keep-filter').fill('preset:errors');
  await page.getByTestId('keep-name').fill('errors');
  await expect(page.getByTestId('keep')).toHaveText('Replace');
  await page.getByTestId('keep').click();
  await expect(page.getByTestId('keep-error')).toContainText('errors');
  await page.getByTestId('keep-filter').fill('preset:errors method:POST');
  await page.getByTestId('keep-name').fill('posts');
  await page.getByTestId('keep').click();
  await expect(preset('posts')).toContainText('preset:errors method:POST');

  await preset('errors').getByRole('button', { name: 'Rename' }).click();
  await page.getByTestId('new-name').fill('broken');
  await page.keyboard.press('Enter');
  await expect(preset('broken')).toContainText('status:5xx');
  await expect(preset('posts')).toContainText('preset:broken method:POST');
  await preset('broken').getByRole('button', { name: 'Delete' }).click();
  await expect(preset('broken')).toContainText('posts can’t be read without it');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('preset-dialog')).toBeVisible();

  await preset('posts')
    .getByRole('button', { name: /^posts/ })
    .click();
  await expect(field(page)).toHaveValue('preset:posts');
  await expect(rows(page)).toHaveCount(1);
  await page.getByTestId('clear-filter').click();
  await page.keyboard.press('ArrowDown');
  await page.getByTestId('choice').filter({ hasText: 'broken' }).first().click();
  await expect(field(page)).toHaveValue('preset:broken');

  await page.getByTestId('presets').click();
  for (const name of ['posts', 'broken']) {
    await preset(name).getByRole('button', { name: 'Delete' }).click();
    await page.getByTestId('confirm-delete').click();
    await expect(preset(name)).toHaveCount(0);
  }
});

test('who may only look uses presets, and changes none', async ({ dashcam, open, page: window }) => {
  const page = await open('/?filter=status%3A5xx');
  await page.keyboard.press('s');
  await page.getByTestId('keep-name').fill('errors');
  await page.getByTestId('keep').click();
  await expect(page.getByTestId('preset')).toHaveCount(1);
  await dashcam.restartReadOnly();
  await window.goto(dashcam.page);
  await page.getByTestId('read-only').waitFor();
  await page.getByTestId('presets').click();
  await expect(page.getByTestId('preset')).toHaveCount(1);
  await expect(page.getByTestId('preset-dialog').getByRole('button', { name: /Keep|Rename|Delete/ })).toHaveCount(0);
  await expect(page.getByTestId('keep-filter')).toHaveCount(0);
  await page
    .getByTestId('preset')
    .getByRole('button', { name: /^errors/ })
    .click();
  await expect(rows(page)).toHaveCount(1);
});

test('every example of the help is a filter', async ({ open }) => {
  const page = await open();
  for (const example of HELP.flatMap(({ examples }) => examples)) {
    await page.getByTestId('filter-help').click();
    await page.getByTestId('example').getByText(example, { exact: true }).click();
    await expect(field(page)).toHaveValue(example);
    await expect(page.getByTestId('empty-state').or(rows(page).first())).toBeVisible();
    await expect(page.getByTestId('filter-error')).toHaveCount(0);
  }
});

test('the whole language can be read, and its examples tried', async ({ open }) => {
  const page = await open();
  await page.keyboard.press('l');
  await expect(page.getByTestId('help')).toBeFocused();
  await page.getByTestId('whole-language').click();
  const dialog = page.getByTestId('language');
  await expect(dialog.getByRole('heading', { name: "mitmproxy's operators" })).toBeVisible();
  await dialog.getByRole('button', { name: 'status:404,5xx', exact: true }).click();
  await expect(field(page)).toHaveValue('status:404,5xx');
  await expect(rows(page)).toHaveCount(2);
});

test('a link to a filter that can’t be read says where', async ({ open }) => {
  const page = await open('/?filter=host%3Aapi+staus%3A500');
  await expect(page.getByTestId('filter-error')).toContainText('Character 10: there is no field “staus”');
  await expect(page.getByTestId('live-state')).toHaveText('paused');
  await expect(field(page)).toHaveValue('host:api staus:500');
  const mark = await page.locator('.mark').boundingBox();
  const text = await field(page).boundingBox();
  expect((mark?.x ?? 0) - (text?.x ?? 0)).toBeGreaterThan(50);

  // It stays in sight where something else is being completed, and goes where that is its place.
  await field(page).press('End');
  await page.keyboard.type(' meth');
  await expect(choices(page)).toHaveText(['method:']);
  await expect(page.getByTestId('filter-error')).toContainText('staus');
  await field(page).fill('status:5xx');
  await expect(page.getByTestId('filter-error')).toHaveCount(0);
  await expect(rows(page)).toHaveCount(1);
});

test('values of an exchange are filtered by, and excluded', async ({ open }) => {
  const page = await open();
  await rows(page).filter({ hasText: '/v1/orders/42' }).click();
  await page.getByTestId('tab-request').click();
  const tenant = page.locator('[data-term="req.header.x-tenant:=blue"]');
  await tenant.getByRole('button', { name: 'Only this' }).focus();
  await page.keyboard.press('Enter');
  await expect(field(page)).toHaveValue('req.header.x-tenant:=blue');
  await expect(rows(page)).toHaveCount(1);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(field(page)).toHaveValue('-req.header.x-tenant:=blue');
  await expect(rows(page)).toHaveCount(4);
  await page.keyboard.press('Enter');
  await expect(field(page)).toHaveValue('');

  await page.keyboard.press('f');
  const menu = page.getByTestId('values-menu');
  await expect(menu.getByRole('button', { name: 'Host api.shop.test' }).first()).toBeFocused();
  for (const value of await menu.getByTestId('value').all()) {
    const only = value.locator('.only');
    await only.click();
    await expect(rows(page).filter({ hasText: '/v1/orders/42' })).toHaveCount(1);
    await expect(page.getByTestId('filter-error')).toHaveCount(0);
    await value.locator('.but').click();
    await expect(rows(page).filter({ hasText: '/v1/orders/42' })).toHaveCount(0);
    await only.click({ modifiers: ['Alt'] });
    await expect(field(page)).toHaveValue('');
  }
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('values')).toBeFocused();
});
