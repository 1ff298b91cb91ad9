// A HAR file to drop on the page.
import type { Page } from '@playwright/test';

const entry = (n: number) => ({
  startedDateTime: '2026-11-29T10:30:00.000Z',
  time: 12.5 + n,
  request: {
    method: n % 2 ? 'POST' : 'GET',
    url: `https://api.example.com/v1/${n}?q=1`,
    headers: [{ name: 'Accept', value: '*/*' }],
  },
  response: {
    status: n % 5 === 4 ? 500 : 200,
    statusText: 'OK',
    httpVersion: 'HTTP/2',
    headers: [{ name: 'Content-Type', value: 'application/json' }],
    content: { mimeType: 'application/json', size: 9, text: `{"n":${n}}` },
  },
});

/** A file with as many exchanges. */
export const harOf = (count: number): string =>
  JSON.stringify({
    log: { creator: { name: 'Test', version: '1' }, entries: Array.from({ length: count }, (_, n) => entry(n)) },
  });

/** Drops a file on the page. */
export async function dropHar(page: Page, name: string, text: string): Promise<void> {
  const data = await page.evaluateHandle(
    ({ name, text }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], name));
      return transfer;
    },
    { name, text },
  );
  await page.dispatchEvent('body', 'drop', { dataTransfer: data });
}
