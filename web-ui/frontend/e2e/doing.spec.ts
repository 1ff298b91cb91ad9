// Things done with exchanges over the real dashcam: an edited replay beside its original, a new request, and snippets.
import { expect, test, type Dashcam } from './dashcam';
import type { Page } from '@playwright/test';

const FORMATS = ['curl', 'powershell', 'fetch', 'requests', 'httpx', 'httpie', 'go', 'reqwest', 'hurl', 'http'];

/** A page with an open exchange, and what its browser complains of. */
async function opened(open: () => Promise<Page>, dashcam: Dashcam): Promise<{ page: Page; wrong: string[] }> {
  await dashcam.send({
    path: '/v1/orders/42?page=2',
    method: 'POST',
    headers: { 'x-tenant': 'blue', 'content-type': 'application/json' },
    body: '{"a":1,"b":[1,2]}',
  });
  const page = await open();
  const wrong: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') wrong.push(message.text());
  });
  await page.getByTestId('row').first().click();
  await expect(page.getByTestId('detail-status')).toContainText('200');
  return { page, wrong };
}

test('an edited replay is compared with its original', async ({ open, dashcam }) => {
  const { page, wrong } = await opened(open, dashcam);
  await page.keyboard.press('e');
  const url = page.getByTestId('edit-url');
  await url.fill((await url.inputValue()).replace('page=2', 'page=3'));
  await page.getByTestId('edit-dialog').getByRole('textbox', { name: 'Body' }).fill('{"a":2,"b":[1,2,3]}');
  await page.keyboard.press('Control+Enter');
  const changed = (part: string) => page.getByTestId(part).getByTestId('compared');
  await expect(changed('compare-request')).toHaveText(/^\s*≠\s*changed\s*\?page\s*2\s*3\s*$/);
  await expect(changed('compare-request-body')).toHaveText([
    /changed\s*a\s*1\s*2\s*$/,
    /only on the right\s*b\[2\]\s*3\s*$/,
  ]);
  await expect(page.getByTestId('compare-response-body')).toContainText('no difference');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('row')).toHaveCount(2);
  expect(wrong).toEqual([]);
});

test('a new request is sent and recorded', async ({ open, dashcam }) => {
  const { page, wrong } = await opened(open, dashcam);
  const url = (await page.getByTestId('detail').locator('.url').innerText()).replace(/^POST\s+/, '');
  await page.keyboard.press('n');
  await page.getByTestId('paste-curl').click();
  await page
    .getByTestId('curl-text')
    .fill(`curl -X PUT '${url.replace(/\/v1.*/, '/status/404')}' -H 'X-New: 1' -d 'a=1'`);
  await page.getByTestId('read-curl').click();
  await page.getByTestId('send-replay').click();
  await expect(page.getByTestId('detail-status')).toContainText('404');
  await page.getByTestId('tab-request').click();
  await expect(page.getByTestId('detail')).toContainText('X-New');
  await expect(page.getByTestId('detail')).toContainText('namevaluea1');
  expect(wrong).toEqual([]);
});

test('every format is written', async ({ open, dashcam }) => {
  const { page } = await opened(open, dashcam);
  for (const format of FORMATS) {
    const answer = await page.request.get(new URL(`/api/v1/exchanges/1/snippet?format=${format}`, page.url()).href);
    expect(answer.status(), format).toBe(200);
    const text = await answer.text();
    for (const part of ['x-tenant', 'blue', '/v1/orders/42?page=2']) expect(text, format).toContain(part);
  }
});
