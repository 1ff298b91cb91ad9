// How well a text answers to what was typed: its characters, in order, best where words begin.

/** The better the greater; null if it does not fit. */
export function score(typed: string, text: string): number | null {
  const [wanted, hay] = [typed.toLowerCase().replace(/\s+/g, ''), text.toLowerCase()];
  if (wanted === '') return 0;
  const whole = hay.indexOf(typed.trim().toLowerCase());
  if (whole >= 0) return 1000 - whole - hay.length / 100 + (isStart(hay, whole) ? 500 : 0);
  let [at, sum, last] = [0, 0, -2];
  for (const char of wanted) {
    const found = next(hay, char, at, last);
    if (found < 0) return null;
    sum += found === last + 1 ? 8 : isStart(hay, found) ? 6 : 1;
    last = found;
    at = found + 1;
  }
  return sum - hay.length / 100;
}

/** Where the next `char` is: right behind the last one, else where a word begins, else anywhere. */
function next(hay: string, char: string, from: number, last: number): number {
  if (hay[last + 1] === char) return last + 1;
  for (let at = hay.indexOf(char, from); at >= 0; at = hay.indexOf(char, at + 1)) if (isStart(hay, at)) return at;
  return hay.indexOf(char, from);
}

const isStart = (hay: string, at: number) => at === 0 || /[\s\-_/:.(]/.test(hay[at - 1] ?? '');
