// Texts in the filter's field, and places in them. dashcam counts characters, browsers count UTF-16 units.

/** How many characters are before the unit `at`. */
export function characters(text: string, at: number): number {
  return Array.from(text.slice(0, at)).length;
}

/** The unit before which `count` characters are. */
export function offset(text: string, count: number): number {
  return Array.from(text).slice(0, count).join('').length;
}

/** The text and the cursor once `offer` stands in place of some characters. */
export interface Taken {
  text: string;
  at: number;
  /** True if a value belongs behind it, which may be offered next. */
  goesOn: boolean;
}

/** `text` with `offer` in place of the characters from `from` up to `to`. */
export function after(text: string, from: number, to: number, offer: string): Taken {
  const isOperator = offer.startsWith('~');
  const [before, rest] = [text.slice(0, offset(text, from)), text.slice(offset(text, to))];
  const space = isOperator && !rest.startsWith(' ') ? ' ' : '';
  return {
    text: `${before}${offer}${space}${rest}`,
    at: before.length + offer.length + (isOperator ? 1 : 0),
    goesOn: isOperator || /[:.]$/.test(offer),
  };
}

/** True if the last condition of `text` has no value yet: `host:api status:`. */
export function isUnfinished(text: string): boolean {
  const word = /[^\s(|]*$/.exec(text)?.[0] ?? '';
  return /^[!-]*[a-z][\w.-]*:=?(?:[^\s"]*,)?$/i.test(word);
}

/** The first character (from 0) of the word that has the character `at`. */
export function wordStart(text: string, at: number): number {
  const before = text.slice(0, offset(text, at)).replace(/[^\s(|]*$/, '');
  return characters(before, before.length);
}
