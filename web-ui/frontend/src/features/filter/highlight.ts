// The parts of a filter as it is written, to colour them. It reads what is only half typed as well, and judges nothing.

export type PartKind = 'field' | 'operator' | 'joint' | 'text' | 'number' | 'plain';

export interface Part {
  kind: PartKind;
  text: string;
}

const QUOTED = /"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?/y;
const SPACE = /\s+/y;
const JOINT = /[()|&!]|-(?=\S)|(?:and|or|not)(?=[\s()]|$)/iy;
const OPERATOR = /~[a-z0-9]*/iy;
const FIELD = /[a-z](?:[\w.\-[\]*$@]|"(?:\\.|[^"\\])*")*:(?!\/\/)/iy;
const REGEX = /\/(?:\\.|[^/\\\s])+\/i?(?=[\s,()|]|$)/y;
const NUMBER = /(?:[<>]=?)?\d[\w.:%+-]*(?=[\s,()|]|$)/y;
const WORD = /[^\s()|,]+|,/y;

/** The parts of `text`, in their order: together they are `text`. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  /** True where a value of a field may stand. */
  let inValue = false;
  const take = (pattern: RegExp, kind: PartKind): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined || found === '') return false;
    const last = parts.at(-1);
    if (last?.kind === kind) last.text += found;
    else parts.push({ kind, text: found });
    at += found.length;
    return true;
  };
  while (at < text.length) {
    if (take(SPACE, 'plain')) inValue = false;
    else if (take(QUOTED, 'text')) continue;
    else if (!inValue && take(FIELD, 'field')) inValue = true;
    else if (!inValue && (take(JOINT, 'joint') || take(OPERATOR, 'operator'))) continue;
    else if (inValue && /[()|]/.test(text[at] ?? '')) inValue = !take(/[()|]/y, 'joint');
    else if (take(REGEX, 'text') || (inValue && take(NUMBER, 'number')) || take(WORD, 'plain')) continue;
    else take(/[^]/y, 'plain');
  }
  return parts;
}
