// A value in clear, found by its placeholder: the same text, as it is recorded and with sealed values put back.
import { pieces } from './placeholders';

/** The value in `clear` for which `placeholder` stands in `redacted`: texts, or things with texts in them. Null if it is not there. */
export function clearOf(redacted: unknown, clear: unknown, placeholder: string): string | null {
  if (typeof redacted === 'string') {
    return typeof clear === 'string' && redacted.includes(placeholder) ? inText(redacted, clear, placeholder) : null;
  }
  if (typeof redacted !== 'object' || redacted === null || typeof clear !== 'object' || clear === null) return null;
  for (const [name, value] of Object.entries(redacted)) {
    const found = clearOf(value, Reflect.get(clear, name), placeholder);
    if (found !== null) return found;
  }
  return null;
}

/** What passed between placeholders stands in both texts: it leads to the values. */
function inText(redacted: string, clear: string, placeholder: string): string | null {
  const all = pieces(redacted);
  let at = 0;
  for (const [index, piece] of all.entries()) {
    if (typeof piece === 'string') {
      if (!clear.startsWith(piece, at)) return null;
      at += piece.length;
      continue;
    }
    // It was not put back.
    if (clear.startsWith(piece.text, at)) {
      if (piece.text === placeholder) return null;
      at += piece.text.length;
      continue;
    }
    const next = all[index + 1];
    if (next !== undefined && typeof next !== 'string') return null;
    const isLast = next !== undefined && index + 2 === all.length;
    const end = next === undefined ? clear.length : isLast ? clear.length - next.length : clear.indexOf(next, at);
    if (end < at) return null;
    if (piece.text === placeholder) return clear.slice(at, end);
    at = end;
  }
  return null;
}
