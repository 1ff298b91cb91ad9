import { expect, test } from 'vitest';
import { redactedParts, tagsOf } from './notes';

test('tags are what commas and white space are between', () => {
  expect(tagsOf(' a, b  c,a ')).toEqual(['a', 'b', 'c']);
  expect(tagsOf(' , ')).toEqual([]);
});

test('what is redacted is named with its place', () => {
  const request = {
    method: 'GET',
    target: '/?sig=~sealed.signature.0123456789abcdef01234567~',
    authority: null,
    version: 'HTTP/1.1',
    headers: [
      ['Accept', '*/*'],
      ['Authorization', 'Bearer ~masked.credential.lt32~'],
    ] as [string, string][],
  };
  const found = redactedParts({ request, response: null }).map(({ place, placeholder }) => [place, placeholder.kind]);
  expect(found).toEqual([
    ['address', 'signature'],
    ['request header Authorization', 'credential'],
  ]);
});
