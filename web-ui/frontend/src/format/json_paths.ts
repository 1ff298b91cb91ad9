// The values of a JSON document, each with the path that leads to it: `$.user.password`, `$.items[0].token`.
import type { Token } from './json';

export interface JsonValue {
  /** The place of its token in the list. */
  token: number;
  path: string;
  /** As it stands in the document, a string with its quotes. */
  text: string;
}

/** Where a value stands: the member or the element that is read. */
interface Level {
  /** Null in an object, until its first name has come. */
  step: string | number | null;
}

/** Strings, numbers and words of a well-formed document, at most `most` of them. Marks may be joined with white space. */
export function jsonValues(tokens: readonly Token[], most = Infinity): JsonValue[] {
  const values: JsonValue[] = [];
  const levels: Level[] = [];
  for (const [token, { kind, text }] of tokens.entries()) {
    const last = levels.at(-1);
    if (kind === 'mark') follow(text, levels);
    else if (kind === 'name' && last !== undefined) last.step = nameOf(text);
    else if (kind !== 'space' && kind !== 'name') values.push({ token, path: pathOf(levels), text });
    if (values.length >= most) break;
  }
  return values;
}

/** `path` to the same member of all elements: `$.items[*].token`. */
export function everyElement(path: string): string {
  return path.replace(/('[^']*'|"[^"]*")|\[\d+\]/g, (_, quoted: string | undefined) => quoted ?? '[*]');
}

function follow(marks: string, levels: Level[]): void {
  for (const mark of marks) {
    const last = levels.at(-1);
    if (mark === '{') levels.push({ step: null });
    else if (mark === '[') levels.push({ step: 0 });
    else if (mark === '}' || mark === ']') levels.pop();
    else if (mark === ',' && typeof last?.step === 'number') last.step += 1;
  }
}

function nameOf(text: string): string {
  const name: unknown = JSON.parse(text);
  return typeof name === 'string' ? name : '';
}

function pathOf(levels: readonly Level[]): string {
  return `$${levels.map(({ step }) => (typeof step === 'number' ? `[${step}]` : member(step ?? ''))).join('')}`;
}

/** A step to the member `name`, in brackets where it has signs that mean something in a path. */
export function member(name: string): string {
  if (/^[\p{L}\p{N}_$@:/~+-]+$/u.test(name)) return `.${name}`;
  return name.includes("'") ? `["${name}"]` : `['${name}']`;
}
