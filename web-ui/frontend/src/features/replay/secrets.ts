// Redacted values in a request that is to be sent again: dashcam puts the sealed ones back, the others are typed.
import { placeholders, type Placeholder } from '../../format/placeholders';
import type { Exchange } from '../../api/types';
import * as texts from '../../texts/request';
import { draftOf, parseHeaders, type Draft } from './edit';

/** A redacted value, once for all the places in which it stands. */
export interface Secret {
  placeholder: Placeholder;
  /** Where it stands first, for people: "header Authorization", "URL", "body". */
  where: string;
}

/** The redacted values in `draft`, in order. */
export function secretsOf({ url, headers, body }: Draft): Secret[] {
  const places: [string, string][] = [
    [texts.inUrl, url],
    ...parseHeaders(headers).headers.map(([name, value]): [string, string] => [texts.inHeader(name), value]),
    [texts.inBody, body],
  ];
  const found = places.flatMap(([where, text]) => placeholders(text).map((placeholder) => ({ placeholder, where })));
  return found.filter(({ placeholder: { text } }, index) => index === first(found, text));
}

const first = (found: readonly Secret[], text: string) =>
  found.findIndex(({ placeholder }) => placeholder.text === text);

/** Tells if `exchange` has redacted values in its request. */
export const hasSecrets = (exchange: Exchange): boolean =>
  exchange.request_body.stored_as === 'redacted' || secretsOf(draftOf(exchange, null)).length > 0;

/** `draft` with what was `typed` for its redacted values, each as the place needs it; empty ones stay as they are. */
export function filled(draft: Draft, typed: Readonly<Record<string, string>>): Draft {
  const all = Object.entries(typed).filter(([, value]) => value !== '');
  const put = (text: string, as: (value: string) => string) =>
    all.reduce((before, [placeholder, value]) => before.replaceAll(placeholder, () => as(value)), text);
  return {
    ...draft,
    url: put(draft.url, encodeURIComponent),
    headers: put(draft.headers, (value) => value),
    body: put(draft.body, escapeOf(draft)),
  };
}

/** How a value is written in the body. */
function escapeOf({ headers, body }: Draft): (value: string) => string {
  const type = parseHeaders(headers).headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  if (/x-www-form-urlencoded/i.test(type)) return encodeURIComponent;
  if (/json/i.test(type) || /^\s*[{[]/.test(body)) return (value) => JSON.stringify(value).slice(1, -1);
  return (value) => value;
}

/** Where a URL leads: scheme, host and port; null if it is none. */
export const originOf = (url: string): string | null => (URL.canParse(url) ? new URL(url).origin : null);
