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
  // Texts with values in them stay functions.
  ['<p>{actions.closeBy(key)}</p>', '<p>{actions.closeBy(key)}</p>'],
  ['<p>{others.close}</p>', '<p>{others.close}</p>'],
])('%s is built as %s', (markup, expected) => expect(built(markup)).toBe(expected));
