// What can be done from the keyboard: every shortcut is a line of this table, and nowhere else.
import * as texts from '../texts/commands';
import type { App } from './app.svelte';

export interface Command {
  id: string;
  /** Name for people. */
  title: string;
  /** The keys that do it, as `KeyboardEvent.key` names them; `Mod+` is Ctrl, or Cmd. */
  keys: readonly string[];
  /** Tells if there is anything to do; without this there always is. */
  when?: (app: App) => boolean;
  run: (app: App) => void;
}

/** How many rows PageUp and PageDown go. */
const PAGE = 20;

/** Tells if the place of the address is in sight, and no file. */
const inPlace = ({ panels }: App) => panels.har === null && panels.comparing === null;

/** Tells if the view is about the exchanges of the filter, and has its field. */
export const hasFilter = (app: App) => ['exchanges', 'dashboard'].includes(app.place.view) && inPlace(app);

const inList = (app: App) => app.place.view === 'exchanges' && inPlace(app);
const comparing = (app: App) => app.panels.comparing !== null || (app.place.view === 'compare' && inPlace(app));
const opened = (app: App) => app.detail.exchange;
/** Tells if the open exchange is in sight. */
const seesExchange = (app: App) => inList(app) && opened(app) !== null;
const mayReplay = (app: App) => !app.recording.readOnly && seesExchange(app) && opened(app)?.state !== 'refused';
const move = (step: number) => (app: App) => app.move(step);
const end = (way: 'first' | 'last') => (app: App) => {
  if (!app.toEnd(way)) app.move(way === 'first' ? -Infinity : Infinity);
};

// The tabs go round: what is selected is the one that Tab leads to.
const part = (step: number) => () => {
  const tabs = [...document.querySelectorAll<HTMLElement>('[aria-controls="detail-part"], [id^="detail-part-tab-"]')];
  const at = tabs.findIndex((tab) => tab.ariaSelected === 'true');
  tabs[(at + step + tabs.length) % tabs.length]?.click();
};

export const COMMANDS = [
  { id: 'filter', title: texts.filter, keys: ['/'], when: hasFilter, run: focusFilter },
  {
    id: 'language',
    title: texts.language,
    keys: ['l'],
    when: hasFilter,
    run: (app) => app.toggle('help'),
  },
  { id: 'keys', title: texts.keys, keys: ['?'], run: (app) => (app.panels.keys = true) },
  { id: 'palette', title: texts.palette, keys: ['Mod+k'], run: (app) => (app.panels.palette = true) },
  {
    id: 'presets',
    title: texts.presets,
    keys: ['s'],
    when: hasFilter,
    run: (app) => app.toggle('presets'),
  },
  {
    id: 'values',
    title: texts.values,
    keys: ['f'],
    when: seesExchange,
    run: (app) => app.toggle('values'),
  },
  {
    id: 'histogram',
    title: texts.histogram,
    keys: ['h'],
    when: inList,
    run: ({ charts }) => (charts.histogram.value = !charts.histogram.value),
  },
  {
    id: 'facets',
    title: texts.facets,
    keys: ['c'],
    when: inList,
    run: ({ charts }) => charts.toggle('facets'),
  },
  {
    id: 'tree',
    title: texts.tree,
    keys: ['t'],
    when: inList,
    run: ({ charts }) => charts.toggle('tree'),
  },
  {
    id: 'connections',
    title: texts.connections,
    keys: [],
    when: inList,
    run: (app) => app.showConnections(!app.place.connections),
  },
  { id: 'next', title: texts.next, keys: ['ArrowDown', 'j'], when: inList, run: move(1) },
  { id: 'previous', title: texts.previous, keys: ['ArrowUp', 'k'], when: inList, run: move(-1) },
  { id: 'page-down', title: texts.pageDown, keys: ['PageDown'], when: inList, run: move(PAGE) },
  { id: 'page-up', title: texts.pageUp, keys: ['PageUp'], when: inList, run: move(-PAGE) },
  { id: 'newest', title: texts.newest, keys: ['Home'], when: inList, run: end('first') },
  { id: 'oldest', title: texts.oldest, keys: ['End'], when: inList, run: end('last') },
  { id: 'go-to', title: texts.goTo, keys: ['g'], when: inList, run: (app) => (app.goingTo = true) },
  {
    id: 'choose',
    title: texts.choose,
    keys: ['x'],
    when: (app) => inList(app) && app.place.exchange !== null,
    run: (app) => app.place.exchange !== null && app.chosen.toggle(app.place.exchange),
  },
  {
    id: 'pin',
    title: texts.pin,
    keys: ['p'],
    when: (app) => seesExchange(app) && !app.recording.readOnly,
    run: (app) => void app.togglePin(),
  },
  {
    id: 'connect',
    title: texts.connect,
    keys: ['C'],
    when: (app) => !app.recording.lookedAt,
    run: (app) => (app.connecting = true),
  },
  {
    id: 'layout',
    title: texts.layout,
    keys: ['w'],
    when: seesExchange,
    run: (app) => app.layout.cycle(),
  },
  {
    id: 'find-in-body',
    title: texts.findInBody,
    keys: ['b'],
    when: (app) => seesExchange(app) && bodySearch() !== undefined,
    run: () => bodySearch()?.focus(),
  },
  { id: 'next-part', title: texts.nextPart, keys: [']'], when: seesExchange, run: part(1) },
  { id: 'previous-part', title: texts.previousPart, keys: ['['], when: seesExchange, run: part(-1) },
  {
    id: 'new',
    title: texts.compose,
    keys: ['n'],
    when: (app) => app.panels.har === null && !app.recording.readOnly,
    run: (app) => app.panels.compose(null),
  },
  {
    id: 'edit',
    title: texts.edit,
    keys: ['e'],
    when: mayReplay,
    run: (app) => app.panels.compose(opened(app)),
  },
  {
    id: 'repeat',
    title: texts.repeat,
    keys: [],
    when: mayReplay,
    run: (app) => (app.panels.repeating = opened(app)),
  },
  {
    id: 'compare',
    title: texts.compare,
    keys: ['d'],
    when: (app) => seesExchange(app) && opened(app)?.replay_of != null,
    run: (app) => app.compareWithOriginal(),
  },
  {
    id: 'keep',
    title: texts.keep,
    keys: ['m'],
    when: (app) => app.comparisons.subject !== null,
    run: (app) => app.comparisons.keep(),
  },
  {
    id: 'compare-kept',
    title: texts.compareKept,
    keys: ['M'],
    when: (app) => app.comparisons.counterpart !== null,
    run: (app) => app.comparisons.show(),
  },
  { id: 'har', title: texts.openHar, keys: [], run: (app) => app.panels.pickHar() },
  {
    id: 'close',
    title: texts.close,
    keys: ['Escape'],
    // One that could not be loaded, too.
    when: (app) => comparing(app) || (app.selected !== null && inList(app)),
    run: (app) => app.close(),
  },
] as const satisfies readonly Command[];

export type CommandId = (typeof COMMANDS)[number]['id'];

const NAMES: Record<string, string> = {
  ArrowDown: '↓',
  ArrowUp: '↑',
  PageDown: texts.pageDownKey,
  PageUp: texts.pageUpKey,
};

/** The first key of a command, as it is written on the page: "p", "Escape". */
export function keyOf(id: CommandId): string {
  const commands: readonly Command[] = COMMANDS;
  return keyName(commands.find((command) => command.id === id)?.keys[0] ?? '');
}

/** A key as it is written on the page: "p", "Escape", "Ctrl+K". */
export function keyName(key: string): string {
  if (!key.startsWith('Mod+')) return NAMES[key] ?? key;
  const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent);
  return `${isMac ? '⌘' : 'Ctrl+'}${key.slice(4).toUpperCase()}`;
}

function focusFilter(): void {
  const filter = document.getElementById('filter');
  if (!(filter instanceof HTMLInputElement)) return;
  filter.focus();
  filter.select();
}

/** The field that searches a body: where the focus is, or else that of the response, which comes last. */
function bodySearch(): HTMLInputElement | undefined {
  const fields = [...document.querySelectorAll<HTMLInputElement>('[data-testid="detail"] [data-testid="find-body"]')];
  const focused = document.activeElement?.closest('[data-testid="detail"] .content');
  return fields.find((field) => focused?.contains(field) === true) ?? fields.at(-1);
}
