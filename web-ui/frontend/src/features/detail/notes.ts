// Tags as they are typed, and the placeholders of redaction in an exchange's heads.
import type { Exchange, Headers } from '../../api/types';
import { placeholders, type Placeholder } from '../../format/placeholders';

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
  const fields = (side: string, headers: Headers) =>
    headers.flatMap(([name = '', value = '']) => of(`${side} header ${name}`, value));
  return [
    ...of('address', request.target),
    ...fields('request', request.headers),
    ...(response == null ? [] : fields('response', response.headers)),
  ];
}
