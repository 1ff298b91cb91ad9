import { expect, test, vi } from 'vitest';
import type { Message } from '../../api/types';
import { lineOf, linesOf, matches } from './columns';

const MESSAGE: Message = {
  seq: 0,
  at: '2026-11-29T10:30:00.5Z',
  direction: 'response',
  kind: 'text',
  size: 9,
  stored: 9,
  coding: null,
  redacted: false,
  preview: false,
  text: 'Price: 12',
  data: '',
};
const START = '2026-11-29T10:30:00Z';

test('a message is found by its text, its kind and its direction', () => {
  const line = lineOf(MESSAGE, START, 'STOMP MESSAGE /a');
  const any = { text: '', direction: '', kind: '' } as const;
  expect(matches(line, any)).toBe(true);
  expect(matches(line, { ...any, text: ' price ' })).toBe(true);
  expect(matches(line, { ...any, text: 'stomp' })).toBe(true);
  expect(matches(line, { ...any, text: 'ping' })).toBe(false);
  expect(matches(line, { ...any, kind: 'ping' })).toBe(false);
  expect(matches(line, { ...any, direction: 'request' })).toBe(false);
});

test('what is no text is in hex', () => {
  expect(lineOf({ ...MESSAGE, text: null, data: 'AP8=', kind: 'binary' }, START, null)).toMatchObject({
    kind: 'binary',
    text: '00 ff',
  });
  expect(lineOf({ ...MESSAGE, text: null, data: 'AP8=', coding: 'gzip' }, START, null).text).toBe(
    'compressed (gzip), not inflated: 00 ff',
  );
});

test('a message is read once', () => {
  const read = vi.fn(() => 'event');
  const line = linesOf(START, read);
  const first = line(MESSAGE);
  expect([first.kind, line(MESSAGE) === first, read.mock.calls.length]).toEqual(['event', true, 1]);
  expect(line({ ...MESSAGE, seq: 1 })).not.toBe(first);
});
