// Words of a command line, for people to paste.

/** `word` as one word of a POSIX shell. */
export function quoted(word: string): string {
  return /^~?[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
