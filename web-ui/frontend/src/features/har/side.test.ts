import { expect, test } from 'vitest';
import { readHar } from './har';
import { sideOf } from './side';

const sent = { url: 'https://a.test/', postData: { text: 'sent' } };
const side = (response: unknown, request: unknown = sent) =>
  sideOf(readHar(JSON.stringify({ log: { entries: [{ request, response }] } })).entry(0)!, new File([], 'a.har'));

test('an exchange of a file has texts, cut where they are too long', async () => {
  const one = side({ status: 200, httpVersion: 'HTTP/2', statusText: 'OK', content: { text: 'answer', size: 6 } });
  expect(one).toMatchObject({ id: null, name: '#1 of a.har' });
  expect(one.exchange).toMatchObject({
    status: 200,
    state: 'complete',
    response: { version: 'HTTP/2', reason: 'OK' },
    request_body: { stored: 4, size: 4 },
    response_body: { stored: 6, size: 6 },
  });
  expect(await one.text('request', 9)).toEqual({ text: 'sent', truncated: false });
  expect(await one.text('response', 3)).toEqual({ text: 'ans', truncated: true });
  expect(await one.bytes('response', 2)).toEqual(Uint8Array.of(97, 110));
});

test('a body that is no text has bytes, and an address as an image', async () => {
  const content = { text: '/wD/', encoding: 'base64', size: 3, mimeType: 'image/png' };
  const one = side({ status: 200, content });
  expect(await one.text('response', 9)).toEqual({ text: null, truncated: false });
  expect(await one.bytes('response', 2)).toEqual(Uint8Array.of(0xff, 0));
  expect(one.image('response')).toBe('data:image/png;base64,/wD/');
});

test('without a response it failed, and a body that the file does not have is not stored', () => {
  expect(side({ status: 0 }).exchange).toMatchObject({ status: null, state: 'failed', response: null });
  expect(side({ status: 200, content: { size: 9 } }).exchange.response_body).toEqual({ stored: 0, size: 9 });
});

test.each([
  ['characters of more than one byte', { content: { text: 'grün' } }, { stored: 5, size: 5 }],
  ['Base64', { content: { text: '/wD/AA==', encoding: 'base64' } }, { stored: 4, size: 4 }],
  ['coded', { bodySize: 3, content: { text: 'answer', size: 6 } }, { stored: 6, size: 3 }],
  ['from a cache', { bodySize: 0, content: { text: 'answer', size: 6 } }, { stored: 6, size: 6 }],
  ['not said', { bodySize: -1, content: {} }, { stored: 0, size: null }],
])('sizes are in bytes as they passed: %s', (_, response, expected) =>
  expect(side(response).exchange.response_body).toEqual(expected),
);

test.each([
  ['coded', { ...sent, bodySize: 3 }, { stored: 4, size: 3 }],
  ['not kept', { bodySize: 20 }, { stored: 0, size: 20 }],
  ['none', { bodySize: 0 }, { stored: 0, size: 0 }],
  ['not said', { bodySize: -1 }, { stored: 0, size: 0 }],
])('the request of a file has a size: %s', (_, request, expected) =>
  expect(side({ status: 200 }, request).exchange.request_body).toEqual(expected),
);
