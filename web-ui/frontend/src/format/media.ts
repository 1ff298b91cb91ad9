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
