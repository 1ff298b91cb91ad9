import { expect, test } from 'vitest';
import { HarFault, matching, readHar } from './har';

const FILE = {
  log: {
    creator: { name: 'WebInspector', version: '537.36' },
    entries: [
      {
        startedDateTime: '2026-11-29T10:30:00.000Z',
        time: 12.5,
        request: {
          method: 'POST',
          url: 'https://api.example.com/a?b=1',
          httpVersion: 'HTTP/2',
          headers: [{ name: 'Accept', value: '*/*' }],
          postData: { mimeType: 'application/x-www-form-urlencoded', params: [{ name: 'a', value: '1' }] },
        },
        response: {
          status: 200,
          statusText: 'OK',
          httpVersion: 'HTTP/2',
          headers: [],
          content: { mimeType: 'application/json', size: 7, text: 'eyJhIjoxfQ==', encoding: 'base64' },
        },
      },
      { time: -1, request: { url: 'nonsense' }, response: { status: 0, content: { size: 3 } } },
      { response: { status: 200, content: { text: '/w==', encoding: 'base64' } } },
      null,
    ],
  },
};

test('exchanges are lines of a list', () => {
  const { rows, creator } = readHar(JSON.stringify(FILE));
  expect(creator).toBe('WebInspector 537.36');
  expect(rows[0]).toEqual({
    id: 1,
    method: 'POST',
    url: 'https://api.example.com/a?b=1',
    host: 'api.example.com',
    path: '/a?b=1',
    status: 200,
    type: 'application/json',
    size: 7,
    duration: 12_500,
    started: '2026-11-29T10:30:00.000Z',
  });
  expect(rows[1]).toMatchObject({ path: 'nonsense', host: '', status: 0, size: 3, duration: null });
  expect(rows).toHaveLength(4);
  expect(matching(rows, 'post API 200').map(({ id }) => id)).toEqual([1]);
  expect(matching(rows, ' ')).toHaveLength(4);
});

test('an exchange has heads and bodies', () => {
  const { entry } = readHar(JSON.stringify(FILE));
  expect(entry(0)).toMatchObject({
    request: { line: 'POST https://api.example.com/a?b=1 HTTP/2', headers: [['Accept', '*/*']], body: 'a=1' },
    response: { line: 'HTTP/2 200 OK', body: '{"a":1}', note: null },
  });
  expect(entry(1)?.response).toMatchObject({
    line: 'No response',
    body: null,
    note: 'The file does not have this body.',
  });
  expect(entry(2)?.response).toMatchObject({ body: null, note: 'The body is not text.' });
  expect(entry(3)?.request).toMatchObject({ line: '', headers: [], body: null });
  expect(entry(4)).toBeNull();
});

test.each([
  ['{', /^The file is no JSON, so no HAR file either/],
  ['{}', /no list of exchanges at log\.entries/],
  ['[]', /no list of exchanges/],
  ['null', /no list of exchanges/],
  ['{"log":{"entries":{}}}', /no list of exchanges/],
])('%s is refused', (text, expected) => {
  expect(() => readHar(text)).toThrow(expected);
  expect(() => readHar(text)).toThrow(HarFault);
});
