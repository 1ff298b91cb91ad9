import { expect, test } from 'vitest';
import { apiError, messageOf } from './error';

test('an error says what the API said', () => {
  const error = apiError(404, { error: { code: 'not_found', message: 'There is no exchange 42.' } });
  expect(error).toMatchObject({ status: 404, code: 'not_found', message: 'There is no exchange 42.' });
});

test.each([undefined, null, '<html>', {}, { error: 'x' }, { error: { code: 1 } }])(
  '%j is no error of the API',
  (body) => {
    expect(apiError(502, body)).toMatchObject({ status: 502, code: 'unknown' });
  },
);

test('anything thrown has a message', () => {
  expect(messageOf(new Error('a'))).toBe('a');
  expect(messageOf('b')).toBe('b');
});
