// The list as a window over the whole recording: the bar beside it, times, orders, columns, and several rows at once.
import { expect, pane, row, test } from './page';

test('the bar goes anywhere, and the rows go on from there in both directions', async ({ open }) => {
  const page = await open();
  await row(page, 1500).waitFor();
  const bar = page.getByRole('slider', { name: 'Place in the recording' });
  const box = await bar.boundingBox();
  if (box === null) throw new Error('there is no bar');
  await page.mouse.click(box.x + 7, box.y + box.height / 2);
  const first = async () => Number(await page.getByTestId('row').first().getAttribute('data-id'));
  await expect.poll(first).toBeLessThan(900);
  await expect.poll(first).toBeGreaterThan(600);
  await page.getByRole('grid', { name: /^Exchanges/ }).hover();
  for (let n = 0; n < 12; n++) await page.mouse.wheel(0, -3000);
  await expect(async () => {
    await page.mouse.wheel(0, -20_000);
    await expect(row(page, 1500)).toBeVisible({ timeout: 200 });
  }).toPass();
  await bar.focus();
  await page.keyboard.press('End');
  await expect(row(page, 1)).toBeVisible();
  await expect(bar).toHaveAttribute('aria-valuenow', '100');
});

test('what is loaded does not scroll back to the row that is open', async ({ open }) => {
  const page = await open();
  await row(page, 1500).click();
  await expect(pane(page, 1500)).toBeVisible();
  // Further down, so that the next page is loaded.
  const down = 195 * 25;
  const scrolled = (grid: Element, to: number) => {
    grid.parentElement?.scrollTo(0, to);
    return grid.parentElement?.scrollTop;
  };
  const grid = page.getByRole('grid', { name: 'Exchanges' });
  await expect.poll(() => grid.evaluate(scrolled, down)).toBe(down);
  await expect(row(page, 1301)).toBeInViewport();
  await expect(row(page, 1298)).toBeAttached();
  await expect(row(page, 1301)).toBeInViewport();
  await expect(row(page, 1490)).toHaveCount(0);
});

test('g goes to a number, or a time', async ({ open }) => {
  const page = await open();
  await row(page, 1500).waitFor();
  await page.keyboard.press('g');
  const field = page.getByLabel(/^A time, such as/);
  await field.fill('noon');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert').filter({ hasText: 'Write a time' })).toBeVisible();
  await field.fill('#700');
  await page.keyboard.press('Enter');
  await expect(row(page, 700)).toBeVisible();
  await expect(row(page, 1500)).toHaveCount(0);
  await page.keyboard.press('g');
  await field.fill('2026-11-29 10:15:02');
  await page.keyboard.press('Enter');
  await expect(row(page, 973)).toBeInViewport();
  // The one above it is behind the titles.
  const seen = (id: number) =>
    row(page, id).evaluate((element) => {
      const { left, top, height } = element.getBoundingClientRect();
      return element.contains(document.elementFromPoint(left + 50, top + height / 2));
    });
  await expect.poll(async () => [await seen(973), await seen(974)]).toEqual([true, false]);
});

test('away from the newest, new ones are counted until somebody goes there', async ({ open, mock }) => {
  const page = await open();
  await row(page, 1500).click();
  await page.keyboard.press('End');
  await expect(row(page, 1)).toBeFocused();
  mock.api.begin({ target: '/new' });
  await expect(page.getByTestId('new-rows')).toContainText('1 new');
  await page.getByTestId('new-rows').click();
  await expect(row(page, 1501)).toContainText('/new');
});

test('a title sorts, and once more turns the order round', async ({ open }) => {
  const page = await open();
  await row(page, 1500).waitFor();
  const title = page.getByRole('columnheader', { name: 'Duration' });
  await title.click();
  await expect(title).toHaveAttribute('aria-sort', 'descending');
  await expect(page.getByTestId('row').first()).toContainText('91.7 ms');
  await title.press('Enter');
  await expect(title).toHaveAttribute('aria-sort', 'ascending');
  await expect(page.getByTestId('row').first()).toContainText('1.8 ms');
  await title.press('Enter');
  await expect(title).not.toHaveAttribute('aria-sort');
  await expect(row(page, 1500)).toBeVisible();
});

test('columns are shown, moved and resized, and stay so', async ({ open }) => {
  const page = await open();
  await row(page, 1500).waitFor();
  await page.getByTestId('columns').click();
  await page.getByTestId('column-menu').getByRole('checkbox', { name: 'Level' }).check();
  await page.getByTestId('column-menu').getByRole('checkbox', { name: 'Program' }).uncheck();
  await page.keyboard.press('Escape');
  const method = page.getByRole('columnheader', { name: 'Method' });
  await method.focus();
  const width = await method.evaluate((element) => element.clientWidth);
  await page.keyboard.press('Shift+ArrowRight');
  await expect.poll(() => method.evaluate((element) => element.clientWidth)).toBe(width + 16);
  await page.keyboard.press('Control+ArrowLeft');
  await expect(method).toBeFocused();
  const heads = ['#', 'Method', 'Time', 'Status', 'Host', 'Path', 'Rule', 'Level', 'Type', 'Size', 'Duration'];
  await expect(page.getByRole('columnheader')).toHaveText(heads);
  await page.reload();
  await expect(page.getByRole('columnheader')).toHaveText(heads);
});

test('two that are chosen are compared, the older one first', async ({ open }) => {
  const page = await open();
  await row(page, 1498).click({ modifiers: ['Control'] });
  await expect(page.getByTestId('compare-chosen')).toHaveCount(0);
  await row(page, 1496).click({ modifiers: ['Control'] });
  await page.getByTestId('compare-chosen').click();
  await expect(page).toHaveURL(/view=compare&exchange=1496&with=1498/);
  await expect(page.getByTestId('compare')).toBeVisible();
});

test('several are chosen, deleted, and brought back', async ({ open, mock }) => {
  const page = await open();
  await row(page, 1500).click();
  await row(page, 1498).click({ modifiers: ['Shift'] });
  const bar = page.getByTestId('chosen-bar');
  await expect(bar).toContainText('3 exchanges chosen');
  await row(page, 1499).click({ modifiers: ['ControlOrMeta'] });
  await expect(bar).toContainText('2 exchanges chosen');
  await expect(bar.getByRole('link', { name: 'HAR', exact: true })).toHaveAttribute('href', /id%3A1498%2C1500/);
  await page.getByTestId('delete-chosen').click();
  await expect(row(page, 1498)).toHaveCount(0);
  await expect(row(page, 1499)).toBeVisible();
  await page.getByTestId('undo').click();
  await expect(row(page, 1498)).toBeVisible();
  await expect(bar).toHaveCount(0);

  await row(page, 1497).click();
  await expect(pane(page, 1497)).toBeVisible();
  await page.keyboard.press('x');
  await page.getByTestId('delete-chosen').click();
  await expect(row(page, 1497)).toHaveCount(0);
  await expect.poll(() => mock.api.has(1497), { timeout: 12_000 }).toBe(false);
});
