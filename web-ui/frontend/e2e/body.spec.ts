import { expect, pane, test } from './page';

test('a tree folds by row, by level, and from the keyboard', async ({ open }) => {
  const page = await open('/?exchange=1495');
  const items = pane(page, 1495).getByRole('treeitem');
  await expect(items).toHaveCount(29);
  await page.getByTestId('json-level-1').click();
  await expect(items).toHaveCount(12);
  await expect(items.nth(7)).toContainText('2 entries');
  await items.nth(7).focus();
  await page.keyboard.press('ArrowRight');
  await expect(items).toHaveCount(15);
  await page.keyboard.press('ArrowRight');
  await expect(items.nth(8)).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(items.nth(9)).toContainText('"id": 1');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByTestId('json-path')).toHaveText('$.teams[0].name');
  await page.keyboard.press('ArrowLeft');
  await expect(items.nth(8)).toBeFocused();
  await page.keyboard.press('ArrowLeft');
  await expect(items).toHaveCount(15);
  await page.getByTestId('json-unfold').click();
  await expect(items).toHaveCount(29);
});

test('a value of a JSON body is one to filter by', async ({ open }) => {
  const page = await open('/?exchange=1495');
  await page.getByRole('treeitem').filter({ hasText: '"score"' }).focus();
  await expect(page.getByTestId('json-path')).toHaveText('$.score');
  await page.getByTestId('filter-json').click();
  await expect(page.getByTestId('filter')).toHaveValue('json.score:98.60');
  await page.getByTestId('filter-out-json').click();
  await expect(page.getByTestId('filter')).toHaveValue('-json.score:98.60');
  await expect(page.getByTestId('filter-out-json')).toHaveAttribute('aria-pressed', 'true');
});

test('a search counts, unfolds, and goes round', async ({ open }) => {
  const page = await open('/?exchange=1495');
  await page.getByTestId('json-level-1').click();
  await page.getByTestId('detail').press('b');
  await expect(page.getByTestId('find-body')).toBeFocused();
  await page.keyboard.type('OWNER');
  await expect(page.getByTestId('find-count')).toHaveText('1 of 1');
  await expect(pane(page, 1495).locator('mark')).toHaveText('owner');
  await page.getByTestId('find-body').fill('id');
  await expect(page.getByTestId('find-count')).toHaveText('1 of 3');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('find-count')).toHaveText('3 of 3');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('find-count')).toHaveText('1 of 3');
  await page.keyboard.press('Shift+Enter');
  await expect(page.getByTestId('find-count')).toHaveText('3 of 3');
  await page.getByTestId('find-body').fill('nowhere');
  await expect(page.getByTestId('find-count')).toHaveText('Not found');
});

test('an image is one', async ({ open }) => {
  const page = await open('/?exchange=1498');
  await expect(page.getByTestId('image-measures')).toHaveText('2 × 1');
  await page.getByTestId('view-hex').click();
  await expect(page.getByTestId('body-hex')).toContainText('89 50 4e 47');
});

test('a page is source, and a preview in which nothing runs; the choice is remembered', async ({ open }) => {
  const page = await open('/?exchange=1497');
  await expect(page.getByTestId('source-text')).toContainText('Service unavailable');
  await page.getByTestId('view-preview').click();
  await expect(page.frameLocator('[data-testid="body-preview"]').getByRole('heading')).toHaveText(
    'Service unavailable',
  );
  await expect(page.getByTestId('body-preview')).toHaveAttribute('sandbox', '');
  await page.reload();
  await expect(page.getByTestId('body-preview')).toBeVisible();
});

test('what dashcam makes of a body is drawn: tables, trees, conversations', async ({ open, mock }) => {
  mock.api.views.set('1495 response', {
    llm: {
      title: 'Conversation',
      shown: {
        kind: 'conversation',
        api: 'anthropic',
        model: 'm-1',
        streamed: true,
        turns: [
          { role: 'user', name: null, parts: [{ kind: 'text', text: 'Is it in stock?' }] },
          {
            role: 'assistant',
            name: null,
            parts: [{ kind: 'tool_call', id: 'c1', name: 'stock', arguments: '{"sku": "A-100"}' }],
          },
        ],
        tools: [{ name: 'stock', description: 'Looks it up', parameters: null }],
        settings: [['temperature', '0.2']],
        stop_reason: 'tool_use',
        tokens: { input: 12, output: 7, cached: null, reasoning: null },
        error: null,
      },
    },
    csv: { title: 'CSV', shown: { kind: 'table', columns: ['name', 'size'], rows: [['a', '1']], more: false } },
    protobuf: {
      title: 'Protobuf',
      shown: {
        kind: 'tree',
        nodes: [
          { name: '1', type: 'varint', value: '150', nodes: [] },
          { name: '2', type: 'message', value: null, nodes: [{ name: '1', type: 'string', value: 'deep', nodes: [] }] },
        ],
      },
    },
  });
  const page = await open('/?exchange=1495');
  const turns = page.getByTestId('turn');
  await expect(turns).toHaveCount(2);
  await expect(page.getByTestId('conversation')).toContainText('tokens: 12 input, 7 output');
  await expect(turns.nth(1)).toContainText('Calls stock');
  await page.getByTestId('view-csv').click();
  await expect(page.getByTestId('table-view').getByRole('cell')).toHaveText(['a', '1']);
  await page.getByTestId('view-protobuf').click();
  await expect(page.getByTestId('tree-view')).toContainText('deep');
});
