// JSON that is edited.
import { indent, tokenize } from '../../format/json';

/** `text` indented, with every value as it is written; null if it is no JSON. */
export function formatted(text: string): string | null {
  const tokens = tokenize(text);
  return tokens === null
    ? null
    : indent(tokens)
        .map((token) => token.text)
        .join('');
}
