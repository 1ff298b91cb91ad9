import { expect, test } from 'vitest';
import { requestHead, responseHead } from './raw';

test('heads are lines', () => {
  const request = {
    method: 'GET',
    target: '/a',
    authority: null,
    version: 'HTTP/1.1',
    headers: [['Host', 'a']] as [string, string][],
  };
  expect(requestHead(request)).toBe('GET /a HTTP/1.1\nHost: a\n');
  expect(responseHead({ version: 'HTTP/1.1', status: 204, reason: '', headers: [] })).toBe('HTTP/1.1 204\n');
  const second = { ...request, version: 'HTTP/2', headers: [[':method', 'GET']] as [string, string][] };
  expect(requestHead(second)).toBe(':method: GET\n');
});
