import { expect, test } from 'vitest';
import { mediaType, signatureOf } from './media';

test.each([
  ['\x89PNG\r\n\x1a\n....', 'image/png'],
  ['RIFF....WEBPVP8 ', 'image/webp'],
  ['RIFF....WAVEfmt ', 'audio/wav'],
  ['....ftypavif', 'image/avif'],
  ['....ftypisom', 'video/mp4'],
  ['%PDF-1.7', 'application/pdf'],
  ['{"a":1}', null],
  ['', null],
])('%j begins as %s', (text, type) => {
  expect(signatureOf(Uint8Array.from(text, (sign) => sign.charCodeAt(0)))).toBe(type);
});

test('a media type is without its parameters', () => {
  expect(mediaType('Text/HTML ; charset=utf-8')).toBe('text/html');
});
