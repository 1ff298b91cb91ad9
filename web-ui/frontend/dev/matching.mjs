// Which made-up exchanges match a filter: words, and some fields with values as the page writes them.

const text = (of) => (row, value) => {
  const [own, wanted] = [String(of(row) ?? ''), value.replace(/^"|"$/g, '')];
  if (wanted.startsWith('=')) return own === wanted.slice(1).replace(/^"|"$/g, '');
  if (wanted === '*') return own !== '';
  if (wanted.includes('*'))
    return new RegExp(`^${wanted.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(own);
  return own.toLowerCase().includes(wanted.toLowerCase());
};

/** A time, or how long ago: `15m`. */
function timeOf(value, now) {
  const [, number, unit] = /^(\d+)([mh])$/.exec(value) ?? [];
  return number === undefined ? Date.parse(value) : now - Number(number) * { m: 60_000, h: 3_600_000 }[unit];
}

const FIELDS = {
  host: text((row) => row.host),
  path: text((row) => row.target.split('?')[0]),
  method: text((row) => row.method),
  type: text((row) => row.content_type),
  rule: text((row) => row.rule),
  program: text((row) => row.program),
  client: () => true,
  fail: text((row) => row.failure && `${row.failure.side}/${row.failure.stage}`),
  status: (row, value) =>
    value === '*'
      ? row.status != null
      : value.endsWith('xx')
        ? String(row.status)[0] === value[0]
        : String(row.status) === value,
  since: (row, value, now) => Date.parse(row.started_at) >= timeOf(value, now),
  until: (row, value, now) => Date.parse(row.started_at) < timeOf(value, now),
};

/** True if `row` matches `filter`: all of its words. */
export function matches(row, filter = '', now = Date.now()) {
  const ended = ['open', 'complete'].includes(row.state) ? '' : row.state;
  const replay = row.replay_of == null ? '' : `replay.of:${row.replay_of}`;
  const hay = `${row.method} ${row.url} ${row.status ?? ''} ${row.content_type ?? ''} ${ended} ${replay}`.toLowerCase();
  return wordsOf(filter).every(({ word, excludes }) => {
    const [, name, value] = /^([a-z]+):(?!\/\/)(.+)$/.exec(word) ?? [];
    const field = FIELDS[name];
    const found = field === undefined ? hay.includes(word.replaceAll('"', '').toLowerCase()) : field(row, value, now);
    return found !== excludes;
  });
}

/** The words of `filter`, each with its place in characters. */
export function wordsOf(filter) {
  return [...filter.matchAll(/(?:"[^"]*"|\S)+/g)].map((match) => {
    const from = Array.from(filter.slice(0, match.index)).length;
    const excludes = match[0].length > 1 && match[0].startsWith('-');
    const word = excludes ? match[0].slice(1) : match[0];
    return { word, excludes, from, to: from + Array.from(match[0]).length };
  });
}

/** The stand-in's explanation of `filter`. */
export function explain({ text = '' }) {
  const terms = wordsOf(text).map(({ word, excludes, from, to }) => {
    const [, name, value] = /^([a-z]+):=?(.+)$/.exec(word) ?? [null, 'the line', word];
    const verb = excludes ? 'does not contain' : 'contains';
    return { from, to, text: `${name} ${verb} “${value}”`, excludes, opposite: excludes ? word : `-${word}` };
  });
  return { explanation: terms.map((term) => term.text).join(', and ') || 'every exchange', terms };
}
