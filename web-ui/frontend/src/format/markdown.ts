// Markdown as data: as much of it as dashcam's own documents use.

export interface Span {
  kind: 'text' | 'code' | 'strong' | 'link';
  text: string;
}

export type Line = readonly Span[];

export type Block =
  | { kind: 'heading'; level: number; line: Line }
  | { kind: 'paragraph'; line: Line }
  | { kind: 'list'; items: readonly Line[] }
  | { kind: 'code'; text: string }
  | { kind: 'table'; head: readonly Line[]; rows: readonly (readonly Line[])[] };

/** The blocks of `markdown`, in order. */
export function blocks(markdown: string): Block[] {
  const found: Block[] = [];
  const lines = markdown.split('\n');
  while (lines.length > 0) {
    const first = lines[0] ?? '';
    if (first.trim() === '') lines.shift();
    else found.push(block(first, lines));
  }
  return found;
}

/** Takes the block that begins with `first` from `lines`; at least that line. */
function block(first: string, lines: string[]): Block {
  lines.shift();
  const heading = /^(#+) (.*)$/.exec(first);
  if (heading !== null) return { kind: 'heading', level: heading[1]?.length ?? 1, line: spans(heading[2] ?? '') };
  if (first.startsWith('```')) {
    const text = taken(lines, (line) => !line.startsWith('```')).join('\n');
    lines.shift();
    return { kind: 'code', text };
  }
  if (first.startsWith('|')) {
    const [head = [], , ...rows] = [first, ...taken(lines, (line) => line.startsWith('|'))].map(cells);
    return { kind: 'table', head, rows };
  }
  const text = [first, ...taken(lines, (line) => line.trim() !== '' && !/^(#+ |```|\|)/.test(line))];
  if (!first.startsWith('- ')) return { kind: 'paragraph', line: spans(text.join(' ')) };
  const items = text.join('\n').split(/^- /m).slice(1);
  return { kind: 'list', items: items.map((item) => spans(item.replace(/\s*\n\s*/g, ' ').trim())) };
}

/** Takes the lines from the beginning that are `wanted`. */
function taken(lines: string[], wanted: (line: string) => boolean): string[] {
  const end = lines.findIndex((line) => !wanted(line));
  return lines.splice(0, end < 0 ? lines.length : end);
}

function cells(row: string): Line[] {
  const inside = row.trim().replace(/^\|/, '').replace(/\|$/, '');
  return inside.split(/(?<!\\)\|/).map((cell) => spans(cell.trim().replaceAll('\\|', '|')));
}

/** The parts of a line: code between backticks, strong words, links, and the rest. */
export function spans(text: string): Line {
  const found: Span[] = [];
  let end = 0;
  for (const match of text.matchAll(/(`+)\s?(.+?)\s?\1(?!`)|\*\*(.+?)\*\*|\[((?:`[^`]*`|[^\]`])+)\]\([^)]*\)/g)) {
    const [whole, , code, strong, link] = match;
    if (match.index > end) found.push({ kind: 'text', text: text.slice(end, match.index) });
    if (code !== undefined) found.push({ kind: 'code', text: code });
    else if (strong !== undefined) found.push({ kind: 'strong', text: strong.replaceAll('`', '') });
    else found.push({ kind: 'link', text: (link ?? '').replaceAll('`', '') });
    end = match.index + whole.length;
  }
  if (end < text.length) found.push({ kind: 'text', text: text.slice(end) });
  return found;
}

/** A line without its looks. */
export function plain(line: Line): string {
  return line.map(({ text }) => text).join('');
}
