// The palette's entries: commands, views, filters that are kept, formats to copy, and exchanges by their numbers.
import { nameOf } from '../../features/compare';
import { snippets } from '../../features/copy';
import * as texts from '../../texts/palette';
import * as terms from '../../texts/terms';
import type { App } from '../app.svelte';
import { COMMANDS, keyName, type Command } from '../commands';
import { VIEWS } from '../location';
import { tabOf, VIEW_TABLE } from '../views';
import { score } from './fuzzy';

export interface Entry {
  id: string;
  title: string;
  /** The kind of thing that it is. */
  group: string;
  /** The key that does the same. */
  key?: string;
  run: () => void;
}

/** The most that are shown. */
const MOST = 60;

/** The entries that answer to what was typed, the best first. */
export function entriesFor(app: App, typed: string): Entry[] {
  const number = /^(?:compare (?:with )?)?#?([1-9]\d{0,14})$/i.exec(typed.trim())?.[1];
  const found = all(app)
    .map((entry) => ({ entry, score: score(typed, `${entry.title} ${entry.group}`) }))
    .filter((one): one is { entry: Entry; score: number } => one.score !== null)
    .sort((a, b) => b.score - a.score)
    .map(({ entry }) => entry);
  const exchange = number === undefined ? [] : byNumber(app, Number(number), /^compare/i.test(typed.trim()));
  return [...exchange, ...found].slice(0, MOST);
}

/** Commands for an exchange of which the number was typed: go there, or compare the open one with it. */
function byNumber(app: App, id: number, comparing: boolean): Entry[] {
  const open = app.comparisons.subject ?? app.detail.id;
  const go = { id: 'exchange', title: texts.goToExchange(id), group: terms.exchange, run: () => app.show(id) };
  if (open === null || open === id) return [go];
  const compare = {
    id: 'compare-with',
    title: typeof open === 'number' ? texts.compareExchanges(open, id) : texts.compareWith(nameOf(open), id),
    group: terms.exchange,
    run: () => app.compare(open, id),
  };
  return comparing ? [compare, go] : [go, compare];
}

function all(app: App): Entry[] {
  const commands: readonly Command[] = COMMANDS;
  const possible = commands.filter(({ id, when }) => id !== 'palette' && when?.(app) !== false);
  return [
    ...possible.map(({ id, title, keys: [key], run }) => ({
      id,
      title,
      group: texts.groupCommand,
      ...(key !== undefined && { key: keyName(key) }),
      run: () => run(app),
    })),
    ...copies(app),
    ...VIEWS.filter(
      (view) => tabOf(view) === view && app.caller.may(VIEW_TABLE[view].needs ?? 'viewer-without-bodies'),
    ).map((view) => ({
      id: `view-${view}`,
      title: VIEW_TABLE[view].label,
      group: texts.groupView,
      run: () => app.showView(view),
    })),
    ...app.presets.list.map(({ name, filter }) => ({
      id: `preset-${name}`,
      title: `${name}: ${filter}`,
      group: texts.groupPreset,
      run: () => app.showFiltered(filter),
    })),
  ];
}

function copies(app: App): Entry[] {
  const { exchange } = app.detail;
  if (exchange === null || !app.caller.may('viewer')) return [];
  const { id, state } = exchange;
  const formats = state === 'refused' ? [] : snippets();
  return [
    ...formats.map(([format, title]) => ({
      id: `copy-${format}`,
      title: texts.copyAs(title),
      group: terms.exchangeNumber(id),
      run: () => void app.copies.snippet(id, format, title),
    })),
    { id: 'copy-har', title: texts.copyHar, group: terms.exchangeNumber(id), run: () => void app.copies.har(id) },
    { id: 'copy-link', title: texts.copyLink, group: terms.exchangeNumber(id), run: () => void app.copies.link(id) },
    {
      id: 'copy-body',
      title: texts.copyResponseBody,
      group: terms.exchangeNumber(id),
      run: () => void app.copies.body(id, 'response'),
    },
  ];
}
