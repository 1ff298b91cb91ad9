// Who may import whom: the folders are layers, and a feature is entered by its door.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

/** For each folder the folders that its files may import from. */
const MAY: Record<string, readonly string[]> = {
  texts: [],
  ui: ['texts'],
  api: ['texts'],
  format: ['api', 'texts'],
  stores: ['api', 'format', 'texts'],
  features: ['api', 'app', 'format', 'stores', 'texts', 'ui'],
  app: ['api', 'features', 'format', 'stores', 'texts', 'ui'],
  styles: [],
};

/** The modules of the app that features may import. */
const OF_APP = ['app/context', 'app/commands', 'app/location'];

const SRC = import.meta.dirname;

interface Import {
  from: string;
  to: string;
}

/** Every import of a file of the page by another, both as paths below src. */
function imports(): Import[] {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => /\.(ts|svelte)$/.test(file) && !/^[^/]*$/.test(file))
    .flatMap((file) => {
      const text = readFileSync(join(SRC, file), 'utf8');
      const found = [...text.matchAll(/(?:from |import |import\()'(\.[^']+)'/g)];
      return found.map(([, to = '']) => ({ from: file, to: normalize(join(dirname(file), to)) }));
    });
}

const layer = (path: string) => path.split('/')[0] ?? '';
const feature = (path: string) => (layer(path) === 'features' ? (path.split('/')[1] ?? '') : null);

/** Why an import must not be; null if it may. */
function fault({ from, to }: Import): string | null {
  const [here, there] = [layer(from), layer(to)];
  if (here !== there && MAY[here]?.includes(there) !== true) return `${here} must not know ${there}`;
  const [own, other] = [feature(from), feature(to)];
  if (other !== null && own !== other && to !== `features/${other}`) return `${to} is behind the door of ${other}`;
  if (here === 'features' && there === 'app' && !OF_APP.includes(to)) return `features must not know ${to}`;
  if (from.endsWith('.svelte') && to === 'api/calls') return 'components do not fetch';
  return null;
}

test('imports go from layer to layer as they may', () => {
  const found = imports();
  expect(found.length).toBeGreaterThan(200);
  const faults = found.map((one) => ({ ...one, fault: fault(one) })).filter((one) => one.fault !== null);
  expect(faults).toEqual([]);
});

test('features do not know each other in circles', () => {
  const edges = imports().map(({ from, to }) => [feature(from), feature(to)] as const);
  const known = new Map<string, Set<string>>();
  for (const [from, to] of edges) {
    if (from !== null && to !== null && from !== to) known.set(from, (known.get(from) ?? new Set()).add(to));
  }
  const reaches = (from: string, to: string): boolean =>
    [...(known.get(from) ?? [])].some((next) => next === to || reaches(next, to));
  expect([...known.keys()].filter((one) => reaches(one, one))).toEqual([]);
});

test.each([
  ['ui/Grid.svelte', 'stores/merge', 'ui must not know stores'],
  ['texts/list.ts', 'format/size', 'texts must not know format'],
  ['stores/list.svelte.ts', 'features/list', 'stores must not know features'],
  ['features/list/a.ts', 'features/body/views', 'features/body/views is behind the door of body'],
  ['features/list/A.svelte', 'api/calls', 'components do not fetch'],
  ['features/list/a.ts', 'app/app.svelte', 'features must not know app/app.svelte'],
  ['features/list/a.ts', 'features/body', null],
])('%s importing %s: %s', (from, to, expected) => expect(fault({ from, to })).toBe(expected));
