import { expect, test } from 'vitest';
import type { BodyMessage, Message } from '../../api/types';
import { lineOf, lineOfPiece, matches, TIMED } from './columns';
import { linesOf } from './lines';

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

function exchange(protocol: string) {
  const headers: [string, string][] = [['Sec-WebSocket-Protocol', protocol]];
  const request = { method: 'GET', target: '/', authority: null, version: 'HTTP/1.1', headers };
  return { started_at: START, request, response: null };
}

test('a message is found by its text, its name, its kind and its direction', () => {
  const line = lineOf(MESSAGE, START, { kind: 'STOMP MESSAGE', about: '/a' });
  expect([line.kind, line.name]).toEqual(['STOMP MESSAGE', 'STOMP MESSAGE /a']);
  const any = { text: '', direction: '', kind: '' } as const;
  expect(matches(line, any)).toBe(true);
  expect(matches(line, { ...any, text: ' price ' })).toBe(true);
  expect(matches(line, { ...any, text: 'message /a' })).toBe(true);
  expect(matches(line, { ...any, text: 'ping' })).toBe(false);
  expect(matches(line, { ...any, kind: 'STOMP MESSAGE' })).toBe(true);
  expect(matches(line, { ...any, kind: 'text' })).toBe(false);
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

test('a message of a body has a place in it, and the time of its last byte if that is known', () => {
  const piece: BodyMessage = {
    offset: 12,
    at: '2026-11-29T10:30:02Z',
    kind: 'tick',
    media_type: '',
    size: 3,
    complete: false,
    preview: false,
    text: 'abc',
    data: '',
  };
  const [sent, got] = [lineOfPiece(piece, 'request', START), lineOfPiece(piece, 'response', START)];
  expect([sent.part, got.part, sent.key === got.key]).toEqual(['request@12', 'response@12', false]);
  expect([got.at, got.kind, got.text]).toEqual(['2026-11-29T10:30:02Z', 'tick', 'cut off: abc']);
  const offset = TIMED.find(({ id }) => id === 'offset');
  expect([got, lineOfPiece({ ...piece, at: null }, 'response', START)].map((line) => offset?.text(line))).toEqual([
    '+2.0 s',
    '',
  ]);
});

test('a message is read once', () => {
  const lines = linesOf(exchange('v12.stomp'));
  const [first] = lines([{ ...MESSAGE, text: 'SEND\n\nhello\0' }]);
  expect(first?.kind).toBe('STOMP SEND');
  const message = { ...MESSAGE, seq: 1 };
  const [one] = lines([message]);
  expect(lines([message])[0]).toBe(one);
});

test('MQTT has a line for each packet', () => {
  const lines = linesOf(exchange('mqtt'));
  const binary = (seq: number, bytes: string): Message => {
    return { ...MESSAGE, seq, kind: 'binary', text: null, data: btoa(bytes), size: bytes.length };
  };
  const all = [
    binary(0, '\x30\x07\x00\x03a/bhi\xd0'),
    binary(1, '\x00'),
    { ...MESSAGE, seq: 2, kind: 'ping' as const },
  ];
  const first = lines(all.slice(0, 1));
  expect(first.map(({ name, text }) => `${name}: ${text}`)).toEqual(['MQTT PUBLISH a/b: hi']);
  const found = lines(all);
  expect(found.map(({ name, size, part }) => [name, size, part])).toEqual([
    ['MQTT PUBLISH a/b', 9, 0],
    ['MQTT PINGRESP', 2, 1],
    ['ping', 9, 2],
  ]);
  expect(new Set(found.map(({ key }) => key)).size).toBe(3);
});
