import { expect, test } from 'vitest';
import { isVolatileField, isVolatileValue } from './volatile';

test.each([
  ['Date', true],
  ['X-Request-Id', true],
  ['X-Amz-Cf-Id', true],
  ['traceparent', true],
  ['Set-Cookie', true],
  ['X-Ratelimit-Remaining', true],
  ['Content-Type', false],
  ['Content-Length', false],
  ['Location', false],
  ['Authorization', false],
])('the field %s: %s', (name, expected) => expect(isVolatileField(name)).toBe(expected));

test.each([
  ['id', '1', '2', true],
  ['user_id', '1', '2', true],
  ['requestId', '"a"', '"b"', true],
  ['createdAt', '1', '2', true],
  ['nonce', '1', '2', true],
  ['valid', 'true', 'false', false],
  ['paid', 'true', 'false', false],
  ['format', '"a"', '"b"', false],
  ['lifetime', '1', '2', false],
  ['name', '"a"', '"b"', false],
  ['x', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf7', true],
  ['x', '2026-11-22T15:04:05.123Z', '2026-11-23T15:04:05Z', true],
  ['x', '1764000000', '1764000001123', true],
  ['x', '0123456789abcdef0123', 'abcdef', false],
])('%s from %s to %s: %s', (name, left, right, expected) => expect(isVolatileValue(name, left, right)).toBe(expected));
