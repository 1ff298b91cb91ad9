// Tags as they are typed, and the placeholders of redaction in an exchange's heads.
import type { Exchange, Headers } from '../../api/types';
import { placeholders, type Placeholder } from '../../format/placeholders';
import * as texts from '../../texts/detail';

/** The tags in a text, with commas or white space between. */
export function tagsOf(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((tag) => tag !== ''))];
}

/** Something redacted, and where it stood. */
export interface RedactedPart {
  place: string;
  placeholder: Placeholder;
}

/** The redacted values in the heads of `exchange`, in their order. */
export function redactedParts({ request, response }: Pick<Exchange, 'request' | 'response'>): RedactedPart[] {
  const of = (place: string, text: string) => placeholders(text).map((placeholder) => ({ place, placeholder }));
  const fields = (headerOf: (name: string) => string, headers: Headers) =>
    headers.flatMap(([name = '', value = '']) => of(headerOf(name), value));
  return [
    ...of(texts.address, request.target),
    ...fields(texts.requestHeader, request.headers),
    ...(response == null ? [] : fields(texts.responseHeader, response.headers)),
  ];
}
