// What stands in the places of secrets: `~sealed.password.HEX~`, `~pseudonym.KIND.HEX~`, `~masked.KIND.lt16~`.
import * as texts from '../texts/placeholders';

/** How a secret was replaced, as its placeholder says it. */
export type How = 'sealed' | 'pseudonym' | 'masked';

export interface Placeholder {
  /** All of it, as it is recorded. */
  text: string;
  how: How;
  /** What it was: "password", "card". */
  kind: string;
  /** Its name, equal for equal secrets; null where it is masked. */
  id: string | null;
  /** The class of its length, where it is masked: "lt16". */
  length: string | null;
}

export type Piece = string | Placeholder;

const PLACEHOLDER =
  /~(?:(sealed|pseudonym)\.([a-z][a-z0-9-]{0,39})\.([0-9a-f]{24})|masked\.([a-z][a-z0-9-]{0,39})\.(lt8|lt16|lt32|lt64|lt128|lt512|ge512))~/g;

/** `text` in pieces: what passed, and the placeholders between. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    if (match.index > end) found.push(text.slice(end, match.index));
    found.push(placeholder(match));
    end = match.index + match[0].length;
  }
  if (end < text.length || found.length === 0) found.push(text.slice(end));
  return found;
}

/** The placeholders in `text`, in order. */
export function placeholders(text: string): Placeholder[] {
  return text.includes('~') ? pieces(text).filter((piece) => typeof piece !== 'string') : [];
}

/** More beside placeholders than this is a value of its own. */
const BESIDE = 40;

/** Tells if a value is replaced already: placeholders, and little beside them, such as a scheme or names of cookies. */
export function isReplaced(value: string): boolean {
  const all = pieces(value);
  const beside = all.reduce((sum, piece) => sum + (typeof piece === 'string' ? piece.length : 0), 0);
  return beside <= BESIDE && all.some((piece) => typeof piece !== 'string');
}

/** `text` for a line of a list: "Bearer [credential]". */
export function shortened(text: string): string {
  if (!text.includes('~')) return text;
  return pieces(text)
    .map((piece) => (typeof piece === 'string' ? piece : `[${piece.kind}]`))
    .join('');
}

/** A placeholder in words: what it was, and what became of it. */
export function meaning({ how, kind, length }: Placeholder): string {
  if (how === 'masked') return texts.masked(kind, texts.lengths[length ?? ''] ?? texts.someLength);
  return how === 'sealed' ? texts.sealed(kind) : texts.pseudonym(kind);
}

function placeholder([text, how, kind, id, masked, length]: RegExpExecArray): Placeholder {
  return id === undefined
    ? { text, how: 'masked', kind: masked ?? '', id: null, length: length ?? null }
    : { text, how: how === 'sealed' ? 'sealed' : 'pseudonym', kind: kind ?? '', id, length: null };
}
