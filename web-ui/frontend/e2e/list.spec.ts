import { address, expect, pane, row, test } from './page';

test('the list says what happened, newest first', async ({ open }) => {
  const page = await open();
  const grid = page.getByRole('grid', { name: 'Exchanges, newest first' });
  await expect(grid).toMatchAriaSnapshot(`
    - grid "Exchanges, newest first":
      - rowgroup:
        - row "1500 10:29:58.300 GET 200 stream.example.com /events?topic=prices default event-stream 5.1 KiB 90.3 ms"
        - row "1499 10:29:56.600 POST ⊘ refused http://127.0.0.1:8080 /upload python3 default 82.4 ms":
          - gridcell "1499"
          - gridcell "10:29:56.600"
          - gridcell "POST"
          - gridcell "⊘ refused"
          - gridcell "http://127.0.0.1:8080"
          - gridcell "/upload"
          - gridcell "python3"
          - gridcell "default"
          - gridcell
          - gridcell
          - gridcell "82.4 ms"
  `);
  const heads = ['#', 'Time', 'Method', 'Status', 'Host', 'Path', 'Program', 'Rule', 'Type', 'Size', 'Duration'];
  await expect(page.getByRole('columnheader')).toHaveText(heads);
});

test('what happens appears on top, and waits while the reader is further down', async ({ open, mock }) => {
  const page = await open();
  await row(page, 1500).waitFor();
  mock.api.begin({ target: '/first' });
  await expect(row(page, 1501)).toContainText('/first');
  await page.getByRole('grid', { name: /^Exchanges/ }).hover();
  await page.mouse.wheel(0, 2000);
  await expect(row(page, 1501)).toHaveCount(0);
  mock.api.begin({ target: '/second' });
  await page.getByTestId('new-rows').click();
  await expect(row(page, 1502)).toContainText('/second');
});

test('an exchange that the rules do not keep vanishes', async ({ open, mock }) => {
  const page = await open();
  await row(page, 1500).waitFor();
  const gone = mock.api.discard();
  const kept = mock.api.begin({ target: '/kept' });
  await expect(row(page, kept)).toContainText('/kept');
  await expect(row(page, gone)).toHaveCount(0);
});

test('older pages come when the end is near', async ({ open }) => {
  const page = await open();
  await row(page, 1500).click();
  await expect(async () => {
    await page.getByRole('grid', { name: /^Exchanges/ }).hover();
    await page.mouse.wheel(0, 20_000);
    await expect(page.getByText(/^That is all: 1.500 shown\.$/)).toBeVisible({ timeout: 200 });
  }).toPass();
});

test('End goes to the oldest one, and Home to the newest', async ({ open }) => {
  const page = await open();
  await row(page, 1500).click();
  await page.keyboard.press('End');
  await expect(row(page, 1)).toBeFocused();
  await expect(pane(page, 1)).toBeVisible();
  await page.keyboard.press('ArrowUp');
  await expect(row(page, 2)).toBeFocused();
  await page.keyboard.press('Home');
  await expect(row(page, 1500)).toBeFocused();
  await expect(pane(page, 1500)).toBeVisible();
});

test('the keyboard goes through the rows of the grid', async ({ open }) => {
  const page = await open();
  await row(page, 1500).click();
  await expect(row(page, 1500)).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(row(page, 1499)).toBeFocused();
  await expect(pane(page, 1499)).toBeVisible();
  await page.keyboard.press('PageDown');
  await expect(row(page, 1479)).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(row(page, 1480)).toBeFocused();
  await page.keyboard.press('Home');
  await expect(row(page, 1500)).toBeFocused();
  // So many are loaded; the keys go no further than that.
  const loaded = (grid: Element) => grid.scrollHeight / 25;
  await expect.poll(() => page.getByRole('grid', { name: 'Exchanges' }).evaluate(loaded)).toBeGreaterThan(200);
  for (let n = 0; n < 9; n++) await page.keyboard.press('PageDown');
  await expect(row(page, 1320)).toBeFocused();
  await page.keyboard.press('PageUp');
  await page.keyboard.press('PageDown');
  await page.keyboard.press('ArrowUp');
  await expect(row(page, 1321)).toBeFocused();

  // Closed and opened again, without leaving the row.
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('detail')).toHaveCount(0);
  await expect(row(page, 1321)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(pane(page, 1321)).toBeVisible();

  // However many rows were gone through, they are one step of the history.
  await page.goBack();
  await page.goBack();
  await page.goBack();
  await expect.poll(() => address(page)).toBe('/');
});

test('one row can be reached by Tab', async ({ open }) => {
  const page = await open('/?exchange=1497');
  await page.getByTestId('filter').focus();
  await page.getByTestId('histogram-chart').waitFor();
  for (const name of [
    'presets',
    'toggle-facets',
    'toggle-tree',
    'filter-help',
    'toggle-histogram',
    'histogram-chart',
  ]) {
    await page.keyboard.press('Tab');
    await expect(page.getByTestId(name)).toBeFocused();
  }
  await page.keyboard.press('Tab');
  await expect(page.getByRole('columnheader', { name: '#' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(row(page, 1497)).toBeFocused();
  await expect(page.locator('[data-testid="row"][tabindex="0"]')).toHaveCount(1);
});

test('shortcuts work from anywhere', async ({ open }) => {
  const page = await open();
  await row(page, 1500).waitFor();
  await page.keyboard.press('j');
  await expect(pane(page, 1500)).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await expect(pane(page, 1499).getByTestId('detail-status')).toBeVisible();
  await page.keyboard.press('p');
  await expect(row(page, 1499).getByTestId('pinned')).toBeVisible();
  await page.keyboard.press('/');
  await expect(page.getByTestId('filter')).toBeFocused();
  await page.keyboard.type('jp');
  await expect(page.getByTestId('filter')).toHaveValue('jp');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('filter')).not.toBeFocused();
  await expect(pane(page, 1499)).toBeVisible();
});

test('connections that are not recorded are counted, and closed on demand', async ({ open, mock }) => {
  const page = await open();
  await expect(page.getByTestId('unread')).toHaveCount(0);
  mock.api.unread = 12;
  await page.getByTestId('level-metadata').click();
  await expect(page.getByTestId('unread')).toContainText('12 connections opened before are not recorded');
  await page.getByRole('button', { name: 'Close them' }).click();
  await expect(page.getByTestId('unread')).toHaveCount(0);
});

test('a filter that can’t be read pauses the list', async ({ open, page: window }) => {
  const fault = { text: 'nix:1', column: 1, message: 'there is no field “nix”', expected: '', suggestion: null };
  const error = { code: 'bad_filter', message: 'there is no field', filter: fault };
  await window.route(/filter=nix/, (route) => route.fulfill({ status: 400, json: { error } }));
  const page = await open('/');
  await page.getByTestId('filter').fill('nix:1');
  await expect(page.getByTestId('live-state')).toHaveText('paused');
  await page.getByTestId('filter').fill('');
  await expect(page.getByTestId('live-state')).toHaveText('live');
});
