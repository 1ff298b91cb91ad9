// What the stand-in knows of filters: names of some fields, and hosts.
import { readFileSync } from 'node:fs';

const FIELDS = {
  host: "the destination's host",
  'header.': 'a header of either message',
  method: "the request's method",
  path: "the URL's path",
  preset: 'a filter that was kept under a name',
  status: "the response's status",
};

/** What could stand in a filter behind its first `at` characters. */
export function complete(api, { text, at }) {
  const before = Array.from(text).slice(0, Number(at));
  const word = /[^\s(|]*$/.exec(before.join(''))[0].replace(/^[!-]+/, '');
  const [field, value] = word.split(':');
  const typed = value ?? word;
  const names = Object.entries(FIELDS).map(([name, meaning]) => ({
    text: name.endsWith('.') ? name : `${name}:`,
    meaning,
  }));
  const hosts = [...new Set(api.exchanges.slice(0, 100).map(({ host }) => host))];
  const values = { host: hosts, preset: [...api.presets.keys()], status: ['2xx', '4xx', '5xx'] }[field] ?? [];
  const all = value === undefined ? names : values.map((text) => ({ text, meaning: '' }));
  const to = before.length;
  return { from: to - Array.from(typed).length, to, offers: all.filter(({ text }) => text.startsWith(typed)) };
}

export const language = () => readFileSync(new URL('../../../docs/FILTERS.md', import.meta.url), 'utf8');
