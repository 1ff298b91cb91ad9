// Content types, shortened.
import type { Headers } from '../api/types';

/** "application/json; charset=utf-8" as "json", "image/png" as "png", "application/vnd.x+json" as "json". */
export function shortType(contentType: string | null | undefined): string {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const sub = type.split('/')[1] ?? type;
  const suffix = sub.split('+').at(-1) ?? sub;
  return suffix.replace(/^x-/, '').replace(/^(www-form-urlencoded|form-urlencoded)$/, 'form');
}

/** Whether a body of this type, or one that looks like it, is worth reading as JSON. */
export function looksLikeJson(contentType: string | null | undefined, text: string): boolean {
  return /\bjson\b/i.test(contentType ?? '') || /^\s*[{[]/.test(text);
}

/** The value of the first `Content-Type` in `headers`, or "". */
export function contentType(headers: Headers): string {
  return headers.find(([name]) => name?.toLowerCase() === 'content-type')?.[1] ?? '';
}

/** "text/html; charset=utf-8" as "text/html". */
export function mediaType(contentType: string): string {
  return contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** Media types by the bytes that they begin with, at an offset. */
const SIGNATURES: readonly [string, number, string][] = [
  ['image/png', 0, '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/gif', 0, 'GIF8'],
  ['image/webp', 8, 'WEBP'],
  ['image/avif', 4, 'ftypavif'],
  ['image/bmp', 0, 'BM'],
  ['audio/wav', 8, 'WAVE'],
  ['audio/mpeg', 0, 'ID3'],
  ['audio/ogg', 0, 'OggS'],
  ['audio/flac', 0, 'fLaC'],
  ['video/mp4', 4, 'ftyp'],
  ['video/webm', 0, '\x1aE\xdf\xa3'],
  ['font/woff2', 0, 'wOF2'],
  ['font/woff', 0, 'wOFF'],
  ['application/pdf', 0, '%PDF-'],
];

/** The media type that the beginning of a body gives away; null for none that is known. */
export function signatureOf(bytes: Uint8Array): string | null {
  const isAt = (text: string, at: number) => [...text].every((sign, n) => bytes[at + n] === sign.charCodeAt(0));
  return SIGNATURES.find(([, at, text]) => isAt(text, at))?.[0] ?? null;
}
