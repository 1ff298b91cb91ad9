import { expect, test } from 'vitest';
import { filled, originOf, secretsOf } from './secrets';

const TOKEN = '~sealed.credential.0123456789abcdef01234567~';
const PIN = '~masked.pin.lt8~';
const draft = {
  method: 'POST',
  url: `https://api.example.com/pay?sig=${TOKEN}`,
  headers: `Host: api.example.com\nAuthorization: Bearer ${TOKEN}\nContent-Type: application/json`,
  body: `{"pin":"${PIN}"}`,
};

test('each redacted value is there once, with its first place', () => {
  const found = secretsOf(draft).map(({ placeholder, where }) => `${where}: ${placeholder.kind} ${placeholder.how}`);
  expect(found).toEqual(['URL: credential sealed', 'body: pin masked']);
  expect(secretsOf({ ...draft, url: 'https://a/' })[0]?.where).toBe('header Authorization');
});

test('what is typed stands in all of its places, as each needs it', () => {
  const sent = filled(draft, { [TOKEN]: 'a b$&', [PIN]: '1"2' });
  expect(sent.url).toBe('https://api.example.com/pay?sig=a%20b%24%26');
  expect(sent.headers).toContain('Authorization: Bearer a b$&\n');
  expect(JSON.parse(sent.body)).toEqual({ pin: '1"2' });
  const form = { ...draft, headers: 'Content-Type: application/x-www-form-urlencoded', body: `pin=${PIN}` };
  expect(filled(form, { [PIN]: 'a&b' }).body).toBe('pin=a%26b');
  expect(filled({ ...form, headers: 'Content-Type: text/plain' }, { [PIN]: 'a&b' }).body).toBe('pin=a&b');
});

test('what is left empty stays as it is', () => expect(filled(draft, { [TOKEN]: '' })).toEqual(draft));

test.each([
  ['https://api.example.com/a', 'https://api.example.com'],
  ['https://api.example.com:443/b', 'https://api.example.com'],
  ['http://a:81/', 'http://a:81'],
  ['nothing', null],
])('%s leads to %s', (url, origin) => expect(originOf(url)).toBe(origin));
