// A command line as a POSIX shell reads it: its words, without quotes and escapes.
import * as texts from '../../texts/curl';

/** The words of a command; or why they can't be told. */
export type Words = { words: string[]; problem?: undefined } | { problem: string };

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v', e: '\x1b' };
const CODE = /^(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3}))/;

/** Why a text can't be read. */
class Fault extends Error {}

/** The words of `text`, which is one command. */
export function words(text: string): Words {
  try {
    return { words: read(text.trim()) };
  } catch (fault) {
    if (fault instanceof Fault) return { problem: fault.message };
    throw fault;
  }
}

function read(text: string): string[] {
  const found: string[] = [];
  // Null between words: a word may be empty.
  let word: string | null = null;
  let at = 0;
  while (at < text.length) {
    const char = text[at] ?? '';
    const rest = text.slice(at);
    if (/^\\\r?\n/.test(rest)) {
      at += rest.startsWith('\\\r') ? 3 : 2;
      continue;
    }
    if (/\s/.test(char)) {
      if (char === '\n' && /\S/.test(rest)) throw new Fault(SEVERAL);
      if (word !== null) found.push(word);
      word = null;
      at += 1;
      continue;
    }
    const [piece, length] = pieceOf(rest);
    word = (word ?? '') + piece;
    at += length;
  }
  if (word !== null) found.push(word);
  return found;
}

const SEVERAL = texts.manyCommands;

/** The next piece of a word, and how long it is in the text. */
function pieceOf(text: string): [string, number] {
  const [first = ''] = text;
  if (first === "'") return single(text);
  if (first === '"') return double(text);
  if (text.startsWith("$'")) return dollar(text);
  if (first === '\\') return [text[1] ?? '', 2];
  if (first === '$' || first === '`') throw new Fault(variable(text));
  if (/[|;&<>()]/.test(first)) throw new Fault(first === '>' || first === '<' ? FILES : SEVERAL);
  return [first, 1];
}

const FILES = texts.redirection;

function variable(text: string): string {
  const name = /^\$\{?(\w+)/.exec(text)?.[0];
  return name === undefined ? texts.substitution : texts.hasVariable(name);
}

function single(text: string): [string, number] {
  const end = text.indexOf("'", 1);
  if (end < 0) throw new Fault(texts.singleQuoteOpen);
  return [text.slice(1, end), end + 1];
}

function double(text: string): [string, number] {
  let value = '';
  for (let at = 1; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (char === '"') return [value, at + 1];
    if (char === '$' && /^\$[\w({]/.test(text.slice(at))) throw new Fault(variable(text.slice(at)));
    if (char === '`') throw new Fault(variable('`'));
    if (char === '\\' && '$`"\\\n'.includes(text[at + 1] ?? ' ')) {
      at += 1;
      if (text[at] !== '\n') value += text[at] ?? '';
    } else value += char;
  }
  throw new Fault(texts.doubleQuoteOpen);
}

/** `$'…'`, as bash and browsers write it. Codes beyond ASCII are bytes of UTF-8. */
function dollar(text: string): [string, number] {
  const bytes: number[] = [];
  const push = (piece: string) => bytes.push(...new TextEncoder().encode(piece));
  for (let at = 2; at < text.length;) {
    const char = text[at] ?? '';
    if (char === "'") return [new TextDecoder().decode(Uint8Array.from(bytes)), at + 1];
    if (char !== '\\') {
      const whole = String.fromCodePoint(text.codePointAt(at) ?? 0);
      push(whole);
      at += whole.length;
      continue;
    }
    const code = CODE.exec(text.slice(at + 1));
    if (code !== null) {
      const [all, byte, short, long, octal] = code;
      if (byte !== undefined || octal !== undefined) bytes.push(parseInt(byte ?? octal ?? '0', byte ? 16 : 8) & 0xff);
      else push(String.fromCodePoint(parseInt(short ?? long ?? '0', 16)));
      at += 1 + all.length;
    } else {
      const escaped = text[at + 1] ?? '';
      push(ESCAPES[escaped] ?? escaped);
      at += 2;
    }
  }
  throw new Fault(texts.dollarQuoteOpen);
}
