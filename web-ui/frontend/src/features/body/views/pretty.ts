// Whether and how a body is shown as JSON.
import { looksLikeJson } from '../../../format/media';
import type { Content } from '../views';
import { indent, indentedLength, tokenize, type Token } from '../../../format/json';

/** Longer texts are shown as they are. */
const LONGEST = 2_000_000;
/** So are those that indentation would make longer than this: brackets within brackets are a bomb. */
const LONGEST_INDENTED = 8_000_000;
/** More tokens than this are not coloured: each would be an element of the page. */
const MOST_COLOURED = 20_000;

/** Indented tokens of `text` if it is JSON and of a size that can be shown so. */
export function prettyJson(contentType: string, text: string): Token[] | null {
  if (text.length > LONGEST || !looksLikeJson(contentType, text)) return null;
  const tokens = tokenize(text);
  if (tokens === null) return null;
  if (indentedLength(tokens) > LONGEST_INDENTED) return null;
  const indented = indent(tokens);
  if (tokens.length <= MOST_COLOURED) return runs(indented);
  return [{ kind: 'mark', text: indented.map((token) => token.text).join('') }];
}

const TOKENS = new WeakMap<Content, Token[] | null>();

/** As `prettyJson`, found once for each content. */
export function tokensOf(content: Content): Token[] | null {
  let tokens = TOKENS.get(content);
  if (tokens === undefined) {
    tokens = prettyJson(content.type, content.text);
    TOKENS.set(content, tokens);
  }
  return tokens;
}

/** Marks and white space in a row as one token: fewer elements. */
function runs(tokens: readonly Token[]): Token[] {
  const out: Token[] = [];
  for (const token of tokens) {
    const last = out.at(-1);
    const plain = token.kind === 'mark' || token.kind === 'space';
    if (plain && last?.kind === 'mark') last.text += token.text;
    else out.push(plain ? { kind: 'mark', text: token.text } : token);
  }
  return out;
}
