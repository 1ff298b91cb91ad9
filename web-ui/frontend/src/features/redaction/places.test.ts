import { describe, expect, it, test } from 'vitest';
import type { Exchange } from '../../api/types';
import { generalized, placesOf, placesOfText } from './places';
import { addressOf, asToml } from './redact_form.svelte';
import { problemOf, ruleOf } from './rule_form.svelte';

const SEALED = '~sealed.token.0123456789abcdef01234567~';

const exchange = {
  request: {
    target: `/login?user=ada%20l&sig=${SEALED}&empty=&x`,
    headers: [
      ['Host', 'a'],
      ['Authorization', `Bearer ${SEALED}`],
      ['X-Key', SEALED],
      ['Cookie', `sid=${SEALED}; theme=dark; theme=light`],
      ['Content-Type', 'application/json'],
      [':path', '/login'],
    ],
  },
  response: {
    headers: [
      ['Set-Cookie', 'cart=7; Path=/'],
      ['set-cookie', 'lang=de'],
    ],
  },
} as unknown as Exchange;

const keys = (...call: Parameters<typeof placesOf>) => placesOf(...call).map(({ key, value }) => `${key} = ${value}`);

describe('places of values', () => {
  it('are in each part of a request, but for those that are redacted or empty', () => {
    expect(keys(exchange, 'request', '{"user":{"name":"ada","pin":4711,"on":true,"none":null},"list":["a"]}')).toEqual([
      'query user = ada l',
      'header host = a',
      'cookie theme = dark',
      'header content-type = application/json',
      'json $.user.name = ada',
      'json $.user.pin = 4711',
      'json $.list[0] = a',
    ]);
  });

  it('are cookies that a response sets', () => {
    expect(keys(exchange, 'response', null)).toEqual([
      'header set-cookie = cart=7; Path=/',
      'cookie cart = 7',
      'cookie lang = de',
    ]);
    expect(placesOf(exchange, 'response', null)[1]?.rule).toEqual({ cookie: 'cart', on: 'response' });
  });

  it('are fields of a form', () => {
    const form = { request: { target: '/', headers: [['content-type', 'application/x-www-form-urlencoded']] } };
    expect(keys(form as unknown as Exchange, 'request', 'pass+word=a%26b&x=')).toContain('form pass word = a&b');
  });

  it('are values of a message', () => {
    expect(placesOfText('{"token":"x"}').map(({ rule }) => rule)).toEqual([{ json: '$.token', on: 'message' }]);
    expect(placesOfText('hello')).toEqual([]);
  });
});

test('a rule for other exchanges is about any element, and about one host or all', () => {
  const rule = { json: '$.items[3].token', on: 'request' as const };
  expect(generalized(rule, 'api.example.com')).toEqual({ ...rule, json: '$.items[*].token', host: 'api.example.com' });
  expect(generalized({ header: 'x' }, null)).toEqual({ header: 'x' });
  expect(asToml(generalized(rule, null))).toBe('{ json = "$.items[*].token", on = "request" }');
});

test('a place is named as the API does it', () => {
  expect(addressOf({ json: '$.a.b', on: 'message' })).toBe('message.json:$.a.b');
  expect(addressOf({ header: 'x-key', on: 'response' })).toBe('response.header:x-key');
});

test('a rule that is typed', () => {
  const draft = { field: 'json', name: ' $..pin ', on: '', host: ' *.pay.example ', how: 'mask' } as const;
  expect(problemOf(draft)).toBeNull();
  expect(ruleOf(draft)).toEqual({ json: '$..pin', host: '*.pay.example', how: 'mask' });
  expect(problemOf({ ...draft, name: 'pin' })).toContain('begins with $');
  expect(problemOf({ ...draft, field: 'header', name: 'x-key: 1' })).toContain('without a colon');
  expect(problemOf({ ...draft, host: 'https://a' })).toContain('host’s name');
});
