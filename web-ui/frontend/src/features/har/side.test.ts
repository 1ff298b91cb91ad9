import { expect, test } from 'vitest';
import { readHar } from './har';
import { sideOf } from './side';

const log = (response: unknown) => ({
  log: { entries: [{ request: { url: 'https://a.test/', postData: { text: 'sent' } }, response }] },
});
const side = (response: unknown) => sideOf(readHar(JSON.stringify(log(response))).entry(0)!, new File([], 'a.har'));

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
