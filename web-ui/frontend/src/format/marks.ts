// Occurrences of a searched text within another, for drawing them.

/** `text` in pieces, each with whether it is an occurrence of `query`, small and capital letters alike. */
export function marked(text: string, query: string): { text: string; found: boolean }[] {
  if (query === '') return [{ text, found: false }];
  const [hay, needle] = [lower(text), lower(query)];
  const pieces: { text: string; found: boolean }[] = [];
  let end = 0;
  for (let at = hay.indexOf(needle); at >= 0; at = hay.indexOf(needle, end)) {
    if (at > end) pieces.push({ text: text.slice(end, at), found: false });
    end = at + needle.length;
    pieces.push({ text: text.slice(at, end), found: true });
  }
  if (end < text.length || pieces.length === 0) pieces.push({ text: text.slice(end), found: false });
  return pieces;
}

/** Of ASCII alone, as bodies are searched: others may change in length. */
const lower = (text: string) => text.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
