// The filter's meaning: its colours, its conditions one by one, and the sentence.
import { address, expect, row, test } from './page';

test('conditions are chips, with what they mean', async ({ open }) => {
  const page = await open('/?filter=host:api+-status:404');
  const chips = page.getByTestId('filter-chip');
  await expect(chips.locator('.mono')).toHaveText(['host:api', '-status:404']);
  await expect(page.getByTestId('filter-words')).toHaveText('host contains “api”, and status does not contain “404”');
  await expect(page.getByTestId('filter')).toHaveAttribute('aria-describedby', 'filter-words');
  await expect(row(page, 1495)).toHaveCount(0);

  await chips.nth(1).getByTestId('turn-chip').click();
  await expect(page.getByTestId('filter')).toHaveValue('host:api status:404');
  await expect(row(page, 1495)).toBeVisible();
  await expect(chips.nth(1).getByTestId('turn-chip')).toHaveAttribute('aria-pressed', 'false');

  await chips.nth(0).getByTestId('remove-chip').click();
  await expect(page.getByTestId('filter')).toHaveValue('status:404');
  await expect.poll(() => address(page)).toBe('/?filter=status%3A404');
  await expect(chips).toHaveCount(1);

  await chips.nth(0).getByTestId('remove-chip').click();
  await expect(page.getByTestId('filter')).toHaveValue('');
  await expect(page.getByTestId('filter-meaning')).toHaveCount(0);
  // Changes of the filter are one step of the history.
  await page.goBack();
  await expect(page.getByTestId('filter')).toHaveValue('host:api -status:404');
});

test('the field is coloured as it is typed, and stays a field', async ({ open }) => {
  const page = await open();
  const field = page.getByTestId('filter');
  await field.pressSequentially('host:api "a b"');
  const lit = page.locator('.highlighted').first();
  await expect(lit).toHaveText('host:api "a b"');
  await expect(lit.locator('.is-field')).toHaveText('host:');
  await expect(lit.locator('.is-text')).toHaveText('"a b"');
  await expect(lit).toHaveAttribute('aria-hidden', 'true');
  // Colours stand where the letters are.
  const [box, line] = [await field.boundingBox(), await lit.locator('.line').boundingBox()];
  expect(Math.abs((line?.x ?? 0) - (box?.x ?? 0) - 9)).toBeLessThan(1.5);
  await field.press('Control+z');
  await expect(field).not.toHaveValue('host:api "a b"');
  await expect(lit).toHaveText(await field.inputValue());
});

test('a long filter’s colours scroll with it', async ({ open }) => {
  const page = await open();
  const field = page.getByTestId('filter');
  await field.fill(`host:${'a'.repeat(200)} status:200`);
  await field.press('End');
  const scrolled = await field.evaluate((input) => input.scrollLeft);
  expect(scrolled).toBeGreaterThan(100);
  await expect
    .poll(() =>
      page
        .locator('.highlighted .line')
        .first()
        .evaluate((line) => new DOMMatrix(getComputedStyle(line).transform).e),
    )
    .toBe(-scrolled);
});
