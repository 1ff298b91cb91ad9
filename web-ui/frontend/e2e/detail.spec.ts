import { address, expect, pane, row, test } from './page';

test('the tabs show the parts of an exchange, its messages first', async ({ open }) => {
  const page = await open('/?exchange=1500');
  const tabs = pane(page, 1500).getByRole('tablist', { name: 'Parts of the exchange' });
  await expect(tabs).toMatchAriaSnapshot(`
    - tablist "Parts of the exchange":
      - tab "Overview"
      - tab "Request"
      - tab "Response"
      - tab "Messages 40" [selected]
      - tab "Raw"
  `);
  await expect(page.getByRole('tabpanel', { name: 'Messages 40' }).getByTestId('message-row').first()).toBeVisible();
  await tabs.getByRole('tab', { name: 'Messages' }).press('ArrowRight');
  await expect(tabs.getByRole('tab', { name: 'Raw' })).toBeFocused();
  await expect(page.getByTestId('raw-request')).toContainText('GET /events?topic=prices HTTP/1.1');
  await page.keyboard.press('ArrowRight');
  await expect(page.getByTestId('waterfall')).toBeVisible();
  await page.keyboard.press(']');
  await expect(page.getByRole('tabpanel', { name: 'Request' })).toContainText('GET /events?topic=prices');
  await page.keyboard.press('[');
  await expect(page.getByTestId('waterfall')).toBeVisible();
});

test('an exchange is beside the list, below it, or in its place, and so it stays', async ({ open }) => {
  const page = await open('/?exchange=1495');
  const [list, detail] = [row(page, 1500), pane(page, 1495)];
  await expect(list).toBeVisible();
  const beside = await detail.boundingBox();
  await page.getByTestId('layout-below').click();
  await expect.poll(async () => (await detail.boundingBox())?.width).toBeGreaterThan((beside?.width ?? 0) * 1.5);
  await page.keyboard.press('w');
  await expect(list).toBeHidden();
  const sides = detail.getByRole('tabpanel').getByRole('region');
  await expect(sides.filter({ hasText: 'Content-Type' })).toContainText('HTTP/1.1 404');
  await expect(detail.getByRole('region', { name: 'Request' })).toContainText('User-Agent');
  await page.reload();
  await expect(detail.getByRole('region', { name: 'Response', exact: true })).toBeVisible();
  await page.getByTestId('sides').click();
  await expect(detail.getByTestId('tab-request')).toBeVisible();
  await page.getByTestId('layout-beside').click();
  await expect(list).toBeVisible();
});

test('a note is written, tagged and found again', async ({ open, mock }) => {
  const page = await open('/?exchange=1495&tab=overview');
  await page.getByTestId('note-comment').fill('the order that nobody made');
  await page.getByTestId('note-add').fill('shop, late');
  await page.getByTestId('note-add').press('Enter');
  await expect(page.getByTestId('note-tag')).toHaveCount(2);
  await page.getByRole('button', { name: 'Remove the tag late' }).click();
  await expect(page.getByTestId('note-tag')).toHaveText([/shop/]);
  expect(mock.api.find(1495)?.note).toEqual({ comment: 'the order that nobody made', tags: ['shop'] });
});

test('the overview has the replays', async ({ open }) => {
  const page = await open('/?exchange=1495&tab=overview');
  await page.getByTestId('replay').click();
  await expect(pane(page, 1501).getByTestId('replays')).toContainText('It repeats #1495');
  await page.getByTestId('replays').getByRole('button', { name: '#1495' }).click();
  await pane(page, 1495).getByTestId('replay-row').click();
  await expect(pane(page, 1501)).toBeVisible();
});

test('a response has its head and body', async ({ open }) => {
  const page = await open('/?exchange=1495');
  await expect(page.getByRole('complementary', { name: 'Exchange 1495' })).toMatchAriaSnapshot(`
    - complementary "Exchange 1495":
      - heading "Exchange 1495" [level=2]
      - text: GET https://api.example.com/v2/orders/9999999
      - group "Where the exchange is shown"
      - button "Close": ✕
      - text: "404 OK #1495 2026-11-29 10:29:49.800 50.7 ms by rule default"
      - toolbar "Filter by rule"
      - button "Try rules"
      - button "↻ Replay"
      - button "Edit & replay…"
      - button "Repeat…"
      - button "Copy as…"
      - link "HAR"
      - button "Filter by…"
      - button "☆ Pin"
      - button "Delete"
      - tablist "Parts of the exchange"
      - tabpanel "Response":
        - paragraph:
          - text: HTTP/1.1 404 OK
          - toolbar "Filter by status":
            - button "Only this status"
            - button "All but this status"
        - heading "Headers 6" [level=3]
        - table:
          - rowgroup:
            - row "Date Sun, 29 Nov 2026 10:29:49 GMT Redact Date Filter by Date"
            - row "Content-Type application/problem+json Redact Content-Type Filter by Content-Type"
            - row "Server nginx Redact Server Filter by Server"
            - row "x-request-id req_1495 Redact x-request-id Filter by x-request-id"
            - row "Set-Cookie a=1; Path=/ Redact Set-Cookie Filter by Set-Cookie"
            - row "Set-Cookie b=2; Path=/; HttpOnly Redact Set-Cookie Filter by Set-Cookie"
        - heading "Body 142 B · application/problem+json · gzip" [level=3]
        - group "Ways to look at the body"
        - search "The body"
        - group "Fold"
        - tree "JSON":
          - 'treeitem "{" [expanded] [level=1]'
          - 'treeitem "\\"id\\": 12345678901234567890," [level=2]'
  `);
});

test('a body can be looked at indented and as sent', async ({ open }) => {
  const page = await open('/?exchange=1495');
  const body = pane(page, 1495).getByTestId('body-text');
  await expect(body.getByRole('treeitem').nth(1)).toHaveText('  "id": 12345678901234567890,');
  await page.getByTestId('view-text').click();
  await expect(body).toContainText('{"id":12345678901234567890,');
  await page.getByTestId('view-hex').click();
  await expect(page.getByTestId('body-hex')).toContainText('00000000  7b 22 69 64 22 3a 31 32  33 34');
  await page.getByTestId('view-json').click();
  await expect(body.getByRole('treeitem').nth(1)).toContainText('"id": ');
});

test('a replay is opened, and leads to what it repeats', async ({ open }) => {
  const page = await open('/?exchange=1495');
  await page.getByTestId('replay').click();
  await expect(pane(page, 1501).getByTestId('detail-status')).toHaveText('404 OK');
  await page.getByTestId('replay-of').click();
  await expect(pane(page, 1495)).toBeVisible();
  await page.goBack();
  await expect(pane(page, 1501)).toBeVisible();
});

test('an edited replay is sent with the edits', async ({ open }) => {
  const page = await open('/?exchange=1495');
  await page.getByTestId('edit-replay').click();
  await page.getByTestId('edit-method').fill('PATCH');
  await page.getByTestId('send-replay').click();
  await expect(page.getByTestId('edit-dialog')).toHaveCount(0);
  await page.getByTestId('compare-close').click();
  await expect(row(page, 1501)).toContainText('PATCH');
});

test('an edited replay that the filter hides arrives', async ({ open }) => {
  const page = await open('/?exchange=1495&filter=stream.example.com');
  await page.getByTestId('edit-replay').click();
  await page.getByTestId('edit-method').fill('PATCH');
  await page.getByTestId('send-replay').click();
  await page.getByTestId('compare-close').click();
  await expect(row(page, 1501)).toHaveCount(0);
  await expect(pane(page, 1501).getByTestId('detail-status')).toHaveText('404 OK');
});

test('the snapshots that an exchange belongs to lead to all of theirs', async ({ open }) => {
  const page = await open('/?exchange=1494');
  const fact = pane(page, 1494).getByTestId('snapshots-of');
  await expect(fact).toHaveText('in the snapshots slow-orders, inc-123');
  await fact.getByRole('button', { name: 'slow-orders' }).click();
  await expect.poll(() => address(page)).toContain('filter=snapshot%3Aslow-orders');
  const other = await open('/?exchange=1495');
  await expect(pane(other, 1495).getByTestId('detail-status')).toBeVisible();
  await expect(pane(other, 1495).getByTestId('snapshots-of')).toHaveCount(0);
});

test('a header field is explained, and its value taken apart', async ({ open }) => {
  const page = await open('/?exchange=1495&tab=request');
  const name = page.getByRole('button', { name: 'Authorization', exact: true });
  await name.press('Enter');
  const details = page.getByTestId('field-details');
  await expect(details).toContainText('Who asks: the client’s credentials.');
  await expect(details.getByRole('cell', { name: 'HS256' })).toBeVisible();
  await expect(details.getByRole('cell', { name: '1234567890' })).toBeVisible();
  await expect(details).toContainText('The signature is not checked here');
  await name.press('Enter');
  await expect(details).toHaveCount(0);
  const query = await open('/?exchange=1496&tab=request');
  await expect(query.getByTestId('query').getByRole('row', { name: 'expand teams,roles' })).toBeVisible();
});
