import { expect, test } from 'vitest';
import { choicesOf } from './choices';

const served = (names: string) =>
  names
    .split(' ')
    .filter((name) => name !== '')
    .map((name) => ({ name, title: name }));

test.each([
  ['application/json', '{"a":1}', '', 'json text hex'],
  ['', '[1]', '', 'json text hex'],
  ['application/json', '{"a":', '', 'json text hex'],
  ['application/x-ndjson', '{"a":1}\n', 'json-lines text hex', 'json text hex'],
  ['application/json', '{"model":"m"}', 'llm json text hex', 'llm json text hex'],
  ['application/json', '{"query":"{a}"}', 'json graphql text hex', 'json graphql text hex'],
  ['text/html; charset=utf-8', '<p>', 'html text hex', 'html preview text hex'],
  ['text/html', '<p>', '', 'preview text hex'],
  ['image/png', null, 'hex', 'image hex'],
  ['image/svg+xml', '<svg/>', 'xml text hex', 'image xml text hex'],
  ['application/pdf', null, 'hex', 'preview hex'],
  ['font/woff2', null, 'hex', 'font hex'],
  ['application/x-protobuf', null, 'protobuf hex', 'protobuf hex'],
  ['', null, '', 'hex'],
])('%s %s with the views "%s": %s', (type, text, views, expected) => {
  const ids = choicesOf({ type, text, stored: 1 }, served(views)).map(({ id }) => id);
  expect(ids.join(' ')).toBe(expected);
});

test('without a body there are the views of what is in the query', () => {
  const ids = choicesOf({ type: '', text: '', stored: 0 }, served('dns hex')).map(({ id }) => id);
  expect(ids).toEqual(['dns']);
});

test('a frame is for what is declared to be a page or a PDF, whatever the first bytes say', () => {
  const ids = (type: string, declared: string) =>
    choicesOf({ type, text: null, stored: 1 }, [], declared).map(({ id }) => id);
  expect(ids('application/pdf', 'application/octet-stream')).toEqual(['hex']);
  expect(ids('application/pdf', 'text/html')).toEqual(['preview', 'hex']);
  expect(ids('image/png', 'application/octet-stream')).toEqual(['image', 'hex']);
});
