// Text of a language in pieces that are coloured. No grammar: enough for the eye.

export interface Piece {
  kind: 'plain' | 'name' | 'string' | 'number' | 'word' | 'comment';
  text: string;
}

/** A longer text is not coloured: each piece would be an element of the page. */
export const MOST = 50_000;
const MOST_PIECES = 20_000;

// Recorded text may be made to be slow. So nothing here looks twice at what it has looked at: what is not closed goes on to
// the end, a name begins where no name goes on, and what is looked at ahead is short.
const CLOSED = `"(?:[^"\\\\\\n]|\\\\.)*"`;
const STRING = `${CLOSED}?`;
const NUMBER = `-?\\b\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?\\b`;
const BLOCK = `/\\*[\\s\\S]*?(?:\\*/|$)`;
const words = (all: string) => `\\b(?:${all.replaceAll(' ', '|')})\\b`;

/** For each language its pieces as groups with the names of kinds; what is none of them is plain. */
const LANGUAGES: Record<string, string> = {
  json: `(?<name>${CLOSED}(?=\\s*:))|(?<string>${STRING})|(?<number>${NUMBER})|(?<word>${words('true false null')})`,
  diagnostic: `(?<name>${CLOSED}(?=\\s*:))|(?<string>${STRING}|h'[^']*')|(?<number>${NUMBER})|(?<word>${words(
    'true false null undefined NaN Infinity simple',
  )})`,
  xml: `(?<comment><!--[\\s\\S]*?(?:-->|$))|(?<word></?[\\w:.-]+|/?>|<[?!][^>]*(?:>|$))|(?<name>(?<![\\w:.-])[\\w:.-]+(?==["']))|(?<string>"[^"<]*"|'[^'<]*')`,
  css: `(?<comment>${BLOCK})|(?<string>${STRING}|'[^'\\n]*')|(?<name>(?<![\\w-])[\\w-]+(?=\\s{0,20}:[^{};]{0,200}[;}]))|(?<number>#[\\da-fA-F]{3,8}\\b|-?\\d+(?:\\.\\d+)?[\\w%]*)|(?<word>@[\\w-]+)`,
  javascript: `(?<comment>//[^\\n]*|${BLOCK})|(?<string>${STRING}|'(?:[^'\\\\\\n]|\\\\.)*'?|\`(?:[^\`\\\\]|\\\\[\\s\\S])*\`?)|(?<number>${NUMBER})|(?<word>${words(
    'async await break case catch class const continue default delete do else export extends false finally for from function if import in instanceof let new null of return static super switch this throw true try typeof undefined var void while yield',
  )})`,
  graphql: `(?<comment>#[^\\n]*)|(?<string>"""[\\s\\S]*?(?:"""|$)|${STRING})|(?<number>${NUMBER})|(?<name>\\$\\w+)|(?<word>@\\w+|${words(
    'query mutation subscription fragment on true false null',
  )})`,
};

/** `text` in pieces of `language`; one plain piece for a language that has no colours, or a text that is too long. */
export function highlighted(language: string, text: string): Piece[] {
  const source = LANGUAGES[language === 'html' ? 'xml' : language];
  if (source === undefined || text.length > MOST) return [{ kind: 'plain', text }];
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(new RegExp(source, 'g'))) {
    const kind = Object.entries(match.groups ?? {}).find(([, found]) => found !== undefined)?.[0];
    if (match.index > end) pieces.push({ kind: 'plain', text: text.slice(end, match.index) });
    pieces.push({ kind: (kind ?? 'plain') as Piece['kind'], text: match[0] });
    end = match.index + match[0].length;
    if (pieces.length > MOST_PIECES) break;
  }
  if (end < text.length) pieces.push({ kind: 'plain', text: text.slice(end) });
  return pieces;
}
