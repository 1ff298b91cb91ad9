import { expect, test } from 'vitest';
import { queryOf, tablesOf } from './fields';

const b64 = (value: object) =>
  btoa(JSON.stringify(value)).replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_');
const rows = (name: string, value: string) => tablesOf(name, value).map((table) => table.rows);

test('cookies are tables', () => {
  expect(rows('Cookie', 'a=1; b=x=y; c')).toEqual([
    [
      ['a', '1'],
      ['b', 'x=y'],
      ['c', ''],
    ],
  ]);
  const [table] = tablesOf('Set-Cookie', 'id=7; Path=/; HttpOnly');
  expect(table?.rows).toEqual([
    ['id', '7'],
    ['Path', '/'],
    ['HttpOnly', ''],
  ]);
  expect(table?.note).toBe('Without Secure, SameSite.');
  expect(tablesOf('Set-Cookie', 'a=b; Secure; HttpOnly; SameSite=Lax')[0]?.note).toBeUndefined();
});

test('credentials are explained by their scheme', () => {
  const [basic] = tablesOf('Authorization', `Basic ${btoa('ada:pa:ss')}`);
  expect(basic?.rows).toEqual([
    ['scheme', 'Basic'],
    ['name', 'ada'],
    ['password', 'pa:ss'],
  ]);
  expect(basic?.note).toContain('readable');
  const [bearer] = tablesOf('authorization', 'Bearer ~masked.credential.lt32~');
  expect(bearer?.rows).toEqual([['scheme', 'Bearer']]);
  const [aws] = tablesOf('Authorization', 'AWS4-HMAC-SHA256 Credential=AK/20/s3, SignedHeaders=host, Signature=ab');
  expect(aws?.rows.map(([name]) => name)).toEqual(['scheme', 'Credential', 'SignedHeaders', 'Signature']);
  expect(tablesOf('Authorization', 'Odd x')[0]?.note).toContain('does not know');
});

test('a token is decoded, its times too, and its signature is not checked', () => {
  const token = `${b64({ alg: 'HS256' })}.${b64({ sub: 'ada', exp: 1_700_000_000, ok: [1] })}`;
  const [, header, claims] = tablesOf('Authorization', `Bearer ${token}.c2ln`);
  expect(header?.rows).toEqual([['alg', 'HS256']]);
  expect(claims?.rows[0]).toEqual(['sub', 'ada']);
  expect(claims?.rows[1]?.[1]).toMatch(/^1700000000 \(2023-11-1\d /);
  expect(claims?.rows[2]).toEqual(['ok', '[1]']);
  expect(claims?.note).toContain('not checked');
  const redacted = tablesOf('X-Token', `${token}.~masked.signature.lt64~`);
  expect(redacted.at(-1)?.note).toContain('redacted');
  expect(tablesOf('X-Token', 'eyJhbGciOi.eyJub25l.x')).toEqual([]);
});

test('a time that is none is shown as it is', () => {
  const token = `${b64({ alg: 'none' })}.${b64({ exp: 9_999_999_999_999, iat: -1e20 })}`;
  const [, claims] = tablesOf('X-Token', `${token}.`);
  expect(claims?.rows).toEqual([
    ['exp', '9999999999999'],
    ['iat', '-100000000000000000000'],
  ]);
});

test('an address has its parameters', () => {
  expect(queryOf('/a?x=1+2&y=%C3%BC&z&%zz=q#f')).toEqual([
    ['x', '1 2'],
    ['y', 'ü'],
    ['z', ''],
    ['%zz', 'q'],
  ]);
  expect(queryOf('/a')).toEqual([]);
});

test('a policy has its directives', () => {
  expect(rows('Content-Security-Policy', "default-src 'none'; img-src 'self' data:")).toEqual([
    [
      ['default-src', "'none'"],
      ['img-src', "'self' data:"],
    ],
  ]);
  expect(rows('Cache-Control', 'max-age=60, private')).toEqual([
    [
      ['max-age', '60'],
      ['private', ''],
    ],
  ]);
});
