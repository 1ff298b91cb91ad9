import { expect, test } from 'vitest';
import { apiError, filterFaultOf, messageOf } from './error';

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

test('an error in a filter has its place', () => {
  const filter = { text: 'a:b', column: 3, message: 'no', expected: 'yes', suggestion: null };
  const error = apiError(400, { error: { code: 'bad_filter', message: 'no', filter } });
  expect(filterFaultOf(error)).toEqual(filter);
  expect(filterFaultOf(apiError(400, { error: { code: 'bad_request', message: 'no', filter: null } }))).toBeNull();
  expect(filterFaultOf(new Error('a'))).toBeNull();
});
