import { afterEach, expect, test, vi } from 'vitest';
import { fetchText } from '../api/calls';
import type { Text } from '../api/types';
import { Notices } from '../stores/notices.svelte';
import { Copies } from './copies';

vi.mock('../api/calls');

const MOST = 4 * 1024 * 1024;

function text(edit: Partial<Text>): Text {
  return { text: 'a', encoding: null, charset: 'utf-8', size: 1, truncated: false, binary: false, note: null, ...edit };
}

afterEach(() => vi.mocked(fetchText).mockReset());

test('a body is copied as a whole, or not at all', async () => {
  const copied: string[][] = [];
  const notices = new Notices();
  const copies = new Copies((...what) => (copied.push(what), Promise.resolve()), notices);
  // It still comes, or its end was not stored.
  vi.mocked(fetchText).mockResolvedValue(text({ text: 'all', truncated: true, size: MOST - 1 }));
  await copies.body(1, 'response');
  vi.mocked(fetchText).mockResolvedValue(text({ truncated: true, size: MOST }));
  await copies.body(1, 'response');
  vi.mocked(fetchText).mockResolvedValue(text({ text: null }));
  await copies.body(1, 'request');
  expect(copied).toEqual([['all', 'the response’s body']]);
  expect(notices.list.map((notice) => notice.text)).toEqual([
    'Not copied: body: The body is larger than 4.0 MiB. Download it instead.',
    'Not copied: body: The body is not text. Download it instead.',
  ]);
});
