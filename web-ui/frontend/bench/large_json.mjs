// A response of 50 MB of JSON: recorded, opened, and searched.
import { createServer, get } from 'node:http';
import { until } from './measures.mjs';

const BYTES = 50_000_000;
/** Stands once in it, where it is recorded even if the recorder has no room for all that passes at once. */
const NEEDLE = 'needle-in-the-haystack';

/** Records one through dashcam, opens it on the page and looks for a text in it. */
export async function largeJson({ page, running, tell, ms }) {
  const body = document();
  const origin = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    response.end(body);
  });
  await new Promise((resolve) => origin.listen(0, '127.0.0.1', resolve));
  const { port } = origin.address();
  await through(running.proxy, `http://127.0.0.1:${port}/large.json`);
  origin.close();
  await page.goto(`${running.origin}?filter=${encodeURIComponent('path:/large.json')}`);
  const row = page.getByTestId('row').first();
  await row.waitFor();
  const id = await row.getAttribute('data-id');
  // Open for the first time, with the code of the open exchange fetched, as after any other one.
  const open = await until(
    page,
    (id) => document.querySelector(`[data-testid="row"][data-id="${id}"]`).click(),
    () => document.querySelectorAll('[role="treeitem"]').length > 10,
    id,
  );
  tell('50 MB of JSON: first window', ms(open), '300 ms');
  await page.getByTestId('find-body').fill('');
  const search = await until(
    page,
    (text) => {
      const field = document.querySelector('[data-testid="find-body"]');
      field.value = text;
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    },
    () => /^1 of 1$/.test(document.querySelector('[data-testid="find-count"]')?.textContent ?? ''),
    NEEDLE,
  );
  tell('50 MB of JSON: search in it', ms(search), '2000 ms');
}

function document() {
  const items = [];
  for (let number = 0, bytes = 0; bytes < BYTES; number += 1) {
    const item = JSON.stringify({
      id: number,
      sku: `A-${number * 7919}`,
      price: (number % 997) / 4,
      tags: ['new', 'blue'],
      text: 'a line of text that says nothing of note about the item',
      stock: { north: number % 13, south: number % 17, open: number % 2 === 0 },
    });
    items.push(item);
    bytes += item.length + 1;
  }
  items.splice(Math.floor(items.length * 0.4), 0, JSON.stringify({ note: NEEDLE }));
  return Buffer.from(`{"items":[${items.join(',')}]}`);
}

function through(proxy, url) {
  const [host, port] = proxy.split(':');
  return new Promise((resolve, reject) => {
    get({ host, port, path: url, headers: { host: new URL(url).host } }, (response) => {
      response.resume().on('end', resolve).on('error', reject);
    }).on('error', reject);
  });
}
