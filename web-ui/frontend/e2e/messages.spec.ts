import { expect, pane, test } from './page';

const ADDRESS = '/?exchange=1500&tab=messages';

test('messages are a table: ways, times, sizes and kinds', async ({ open }) => {
  const page = await open(ADDRESS);
  const [first, second] = [page.getByTestId('message-row').first(), page.getByTestId('message-row').nth(1)];
  await expect(first).toContainText('↑');
  await expect(first).toContainText('10:29:58.300');
  await expect(second).toContainText('+431 ms');
  await expect(second).toContainText('39 B');
  await expect(second).toContainText('"price":101.25');
});

test('they are filtered by text, way and kind', async ({ open }) => {
  const page = await open(ADDRESS);
  const said = page.getByTestId('message-count');
  await expect(said).toHaveText('40');
  await page.getByTestId('filter-messages').fill('acme');
  await expect(said).toHaveText(/ of 40/);
  await expect(page.getByTestId('message-row').first()).toContainText('ACME');
  await page.getByTestId('filter-messages').fill('');
  await page.getByTestId('message-kind').selectOption('binary');
  await expect(said).toHaveText('4 of 40');
  await page.getByTestId('message-kind').selectOption('');
  await page.getByTestId('message-direction').selectOption('request');
  await expect(said).toHaveText('8 of 40');
});

test('a message opens below, as a tree or in hex, and the arrow keys go on to the next', async ({ open }) => {
  const page = await open(ADDRESS);
  await page.getByTestId('message-row').nth(1).click();
  const message = pane(page, 1500).getByTestId('message');
  await expect(message.getByRole('treeitem').nth(1)).toContainText('"symbol": "ACME"');
  await page.keyboard.press('ArrowDown');
  await expect(message.getByRole('treeitem').nth(1)).toContainText('"symbol": "EMCA"');
  await expect(message).toHaveAttribute('data-seq', '2');
  await page.getByTestId('message-row').nth(8).click();
  await expect(message.getByTestId('body-hex')).toContainText('7b 22 73 79 6d 62 6f 6c');
  await message.getByRole('button', { name: 'Close the message' }).click();
  await expect(message).toHaveCount(0);
});

test('a large message is all there', async ({ open }) => {
  const page = await open(ADDRESS);
  await page.getByTestId('message-row').nth(3).click();
  const message = pane(page, 1500).getByTestId('message');
  await message.getByTestId('find-body').fill('[0,0]');
  await expect(message.getByTestId('find-count')).toHaveText('1 of 1');
});
