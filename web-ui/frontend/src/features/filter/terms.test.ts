import { expect, test } from 'vitest';
import type { Connection, Exchange } from '../../api/types';
import { clientTerm, exactTerm, headerTerm, isAbout, jsonTerm, pathTerm, standing, termsOf, toggled } from './terms';

test.each([
  ['request', 'X-Request-Id', 'abc', 'req.header.x-request-id:=abc'],
  ['response', 'content-type', 'text/html; charset=utf-8', 'res.header.content-type:="text/html; charset=utf-8"'],
  ['response', 'etag', 'W/"a\\b"', 'res.header.etag:="W/\\"a\\\\b\\""'],
  ['response', 'x.y', 'a,b', 'res.header."x.y":="a,b"'],
  ['request', 'x', '', 'req.header.x:=""'],
  ['request', 'x', 'ü\t1', 'req.header.x:="ü\\t1"'],
] as const)('a header of the %s, %s: %s', (direction, name, value, expected) => {
  expect(headerTerm(direction, name, value)).toBe(expected);
});

test('values are written as the language reads them', () => {
  expect(pathTerm('/v1/a b?c=1')).toBe('path:="/v1/a b"');
  expect(pathTerm('/v1/orders/42?page=2')).toBe('path:=/v1/orders/42');
  expect(exactTerm('host', 'api.example.com')).toBe('host:=api.example.com');
  expect(exactTerm('program', 'my program')).toBe('program:="my program"');
  expect(['10.0.0.7:5000', '[::1]:5000'].map(clientTerm)).toEqual(['client:10.0.0.7', 'client:::1']);
});

test('an exchange has those that it has values for', () => {
  const exchange = {
    ...{ host: 'a.test', method: 'GET', target: '/p?q', status: null, content_type: null, program: null },
    ...{ failure: { side: 'upstream', stage: 'connect', message: 'no' }, connection: 7 },
    request: { headers: [['Traceparent', `00-${'4bf9'.repeat(8)}-00f067aa0ba902b7-01`]] },
  } as unknown as Exchange;
  const connection = { client: '10.0.0.7:5000' } as Connection;
  expect(termsOf(exchange, connection).map(({ label, text }) => `${label} ${text}`)).toEqual([
    'Host host:=a.test',
    'Path path:=/p',
    'Method method:=GET',
    'Failure fail:upstream/connect',
    'Client client:10.0.0.7',
    'Connection conn:7',
    `Trace trace:${'4bf9'.repeat(8)}`,
  ]);
  expect(termsOf({ ...exchange, target: '*' }, null).map(({ label }) => label)).not.toContain('Path');
});

const T = 'host:=a.test';

test.each([
  ['', false, T],
  ['', true, `-${T}`],
  ['x', false, `x ${T}`],
  ['a | b', false, `a | b ${T}`],
  [`x ${T} y`, false, 'x y'],
  [`x ${T} y`, true, `x y -${T}`],
  [`-${T}`, false, T],
  [`!${T} x`, true, 'x'],
  [`x -${T}`, true, 'x'],
  [`a | ${T}`, false, `a | ${T} ${T}`],
  [`${T} or b`, false, `${T} or b ${T}`],
  [`(x ${T})`, false, `(x ${T}) ${T}`],
  [`not ${T}`, false, `not ${T} ${T}`],
  [`${T} not b`, false, 'not b'],
  [`"x ${T}"`, false, `"x ${T}" ${T}`],
  [`"a  b" ${T} c`, false, '"a  b" c'],
])('%j and the condition, excluding: %s: %j', (filter, excluding, expected) => {
  expect(toggled(filter, T, excluding)).toBe(expected);
});

test.each([
  [`x ${T}`, 'wanted'],
  [`x -${T}`, 'excluded'],
  [`!${T}`, 'excluded'],
  [`${T}x`, null],
  [`a | ${T}`, null],
])('in %j it is %s', (filter, expected) => expect(standing(filter, T)).toBe(expected));

test.each([
  ['$.user.id', '42', 'json.user.id:42'],
  ['$.items[0].sku', '"A-1"', 'json.items.0.sku:=A-1'],
  ['$.a', '"out of \\"stock\\""', 'json.a:="out of \\"stock\\""'],
  ["$['a b'].c", 'null', 'json."a b".c:null'],
  ['$["it\'s"]', 'true', 'json."it\'s":true'],
  ['$.a', '{"b":1}', null],
  ['$', '1', null],
  ['$.a', `"${'x'.repeat(300)}"`, null],
])('the JSON value at %s, %s, is %s', (path, text, term) => expect(jsonTerm(path, text)).toBe(term));

test.each([
  ['type:json', true],
  ['host:a -type:json', true],
  ['!type:json', true],
  ['gql.type:query', false],
  ['"type:json"', false],
  ['body:"a type: b"', false],
  ['', false],
])('%s is about types: %s', (filter, expected) => expect(isAbout(filter, 'type:')).toBe(expected));
