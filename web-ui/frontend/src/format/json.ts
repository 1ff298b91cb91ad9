// JSON for reading: indented and coloured from its tokens. It is never parsed to values and back,
// so that large numbers, duplicate names and escapes stay exactly as they passed.

export type Kind = 'name' | 'string' | 'number' | 'word' | 'mark' | 'space';

export interface Token {
  kind: Kind;
  text: string;
}

const TOKEN =
  // eslint-disable-next-line no-control-regex -- strings of JSON have none of these
  /\s+|"[^"\\\u0000-\u001f]*(?:\\.[^"\\\u0000-\u001f]*)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/y;

/** The tokens of `text` without white space, or null if it is not one well-formed JSON value. */
export function tokenize(text: string): Token[] | null {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text)?.[0];
    if (found === undefined) return null;
    if (!/^\s/.test(found)) tokens.push({ kind: kind(found), text: found });
  }
  return wellFormed(tokens) ? tokens : null;
}

function kind(text: string): Kind {
  const first = text[0] ?? '';
  if (first === '"') return 'string';
  if ('{}[],:'.includes(first)) return 'mark';
  return 'tfn'.includes(first) ? 'word' : 'number';
}

/** Checks the order of the tokens and marks the strings that are names. */
function wellFormed(tokens: Token[]): boolean {
  const open: string[] = [];
  // What may come next: a value, a value or the end of an empty array, a name or the end of an empty object, and so on.
  let expect: 'value' | 'first item' | 'first name' | 'name' | 'colon' | 'after' = 'value';
  for (const token of tokens) {
    const inside = open.at(-1);
    const { text } = token;
    if (expect === 'after') {
      if (text === ',' && inside !== undefined) expect = inside === '{' ? 'name' : 'value';
      else if ((text === '}' && inside === '{') || (text === ']' && inside === '[')) open.pop();
      else return false;
    } else if (expect === 'colon') {
      if (text !== ':') return false;
      expect = 'value';
    } else if ((expect === 'first name' && text === '}') || (expect === 'first item' && text === ']')) {
      open.pop();
      expect = 'after';
    } else if (expect === 'first name' || expect === 'name') {
      if (token.kind !== 'string') return false;
      token.kind = 'name';
      expect = 'colon';
    } else if (text === '{' || text === '[') {
      open.push(text);
      expect = text === '{' ? 'first name' : 'first item';
    } else if (token.kind === 'mark') {
      return false;
    } else {
      expect = 'after';
    }
  }
  return expect === 'after' && open.length === 0;
}

/** `tokens` with line breaks and two blanks of indentation a level put between them. */
export function indent(tokens: readonly Token[]): Token[] {
  const out: Token[] = [];
  let depth = 0;
  const space = (text: string) => out.push({ kind: 'space', text });
  const line = () => space(`\n${'  '.repeat(depth)}`);
  tokens.forEach((token, index) => {
    const { text } = token;
    const previous = tokens[index - 1]?.text ?? '';
    const closes = token.kind === 'mark' && (text === '}' || text === ']');
    if (closes) {
      depth -= 1;
      if (previous !== '{' && previous !== '[') line();
    }
    out.push(token);
    if (token.kind !== 'mark') return;
    if (text === ':') space(' ');
    else if (text === ',') line();
    else if (!closes) {
      depth += 1;
      const next = tokens[index + 1]?.text ?? '';
      if (next !== '}' && next !== ']') line();
    }
  });
  return out;
}
