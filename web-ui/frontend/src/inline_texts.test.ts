// The build writes texts into components.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withTexts } from '../inline_texts';
import * as actions from './texts/actions';

const FILE = join(import.meta.dirname, 'Any.svelte');

const built = (markup: string) =>
  withTexts(`<script>import * as actions from './texts/actions';</script>${markup}`, FILE).replace(/^.*<\/script>/, '');

test.each([
  ['<p>{actions.close}</p>', `<p>${actions.close}</p>`],
  ['<p>{actions.close} {name}</p>', `<p>${actions.close} {name}</p>`],
  ['<p title={actions.close}></p>', `<p title="${actions.close}"></p>`],
  ['<p title="{actions.close} ({key})"></p>', `<p title="${actions.close} ({key})"></p>`],
  ['<p>{open ? actions.close : actions.edit}</p>', `<p>{open ? "${actions.close}" : "${actions.edit}"}</p>`],
  ['<p>{actions.closeBy(key)}</p>', '<p>{`Close (${key})`}</p>'],
  ['<p title={actions.closeBy(open ? actions.edit : key)}></p>', '<p title={`Close (${open ? "Edit" : key})`}></p>'],
  // Nothing is lost where it stays a function.
  ['<p>{actions.closeBy(...keys)}</p>', '<p>{actions.closeBy(...keys)}</p>'],
  ['<p title={actions.closeBy}></p>', '<p title={actions.closeBy}></p>'],
  ['<p>{others.close}</p>', '<p>{others.close}</p>'],
])('%s is built as %s', (markup, expected) => expect(built(markup)).toBe(expected));

test('code is built with the texts that it names', () => {
  const code =
    "import * as actions from './texts/actions';\nexport const titles = [actions.close, actions.closeBy(key)];\n";
  const written = code.replace('actions.close,', '"Close",').replace('actions.closeBy(key)', '`Close (${key})`');
  expect(withTexts(code, FILE.replace('.svelte', '.ts'))).toBe(written);
});
