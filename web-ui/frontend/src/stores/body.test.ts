import { afterEach, expect, test, vi } from 'vitest';
import { fetchText } from '../api/calls';
import type { Text } from '../api/types';
import { BodyText } from './body.svelte';

vi.mock('../api/calls');

function text(edit: Partial<Text> = {}): Text {
  return { text: 'a', encoding: null, charset: 'utf-8', size: 1, truncated: false, binary: false, note: null, ...edit };
}

afterEach(() => vi.mocked(fetchText).mockReset());

test('a busy stream is shown: what comes meanwhile is fetched behind what is under way', async () => {
  const body = new BodyText();
  const answers: ((answer: Text) => void)[] = [];
  vi.mocked(fetchText).mockImplementation(() => new Promise((resolve) => answers.push(resolve)));
  body.load(1, 'response', 1);
  body.load(1, 'response', 2);
  body.load(1, 'response', 3);
  expect(answers.length).toBe(1);
  answers[0]?.(text({ text: 'one' }));
  await vi.waitUntil(() => answers.length === 2);
  expect(body.text?.text).toBe('one');
  answers[1]?.(text({ text: 'three' }));
  await vi.waitUntil(() => body.text?.text === 'three');
  // Another body does not wait for this one.
  body.load(1, 'response', 4);
  body.load(2, 'response', 1);
  expect(answers.length).toBe(4);
  answers[3]?.(text({ text: 'other' }));
  await vi.waitUntil(() => body.text?.text === 'other');
});
