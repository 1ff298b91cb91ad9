import { expect, test } from 'vitest';
import { bySeq } from './messages.svelte';

test('messages are in order, each once', () => {
  const message = (seq: number) => ({
    seq,
    at: '',
    direction: 'request' as const,
    kind: 'text' as const,
    size: 0,
    stored: 0,
    coding: null,
    redacted: false,
    preview: false,
    text: '',
    data: '',
  });
  expect(bySeq([message(0), message(2)], [message(2), message(1)]).map(({ seq }) => seq)).toEqual([0, 1, 2]);
});
