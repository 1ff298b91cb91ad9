import { expect, test } from 'vitest';
import { readerOf } from './protocols';

function read(protocol: string, target: string, text: string | null, data = ''): string | null {
  const headers: [string, string][] = protocol === '' ? [] : [['Sec-WebSocket-Protocol', protocol]];
  const request = { method: 'GET', target, authority: null, version: 'HTTP/1.1', headers: [] };
  const response = { version: 'HTTP/1.1', status: 101, reason: '', headers };
  const found = readerOf({ request, response })({ text, data });
  return found && [found.kind, found.about].filter((part) => part !== null).join(' ');
}

test.each([
  ['graphql-transport-ws', '{"id":"1","type":"subscribe","payload":{"query":"{a}"}}', 'GraphQL subscribe'],
  ['', '{"type":"connection_init"}', 'GraphQL connection_init'],
  ['other', '{"type":"connection_init"}', null],
  ['', '{"type":"price","id":1}', null],
  ['', '{"protocol":"json","version":1}\x1e', 'SignalR handshake'],
  ['', '{"type":1,"target":"Send","arguments":[]}\x1e', 'SignalR invocation Send'],
  ['', '{"type":6}\x1e', 'SignalR ping'],
  ['v12.stomp', 'SEND\ndestination:/queue/a\n\nhello\0', 'STOMP SEND /queue/a'],
  ['', 'CONNECTED\r\nversion:1.2\r\n\r\n\0', 'STOMP CONNECTED'],
  ['', 'SENDING\n', null],
  ['', '42["chat","hi"]', null],
  ['', null, null],
])('%s %j is %s', (protocol, text, expected) => expect(read(protocol, '/', text)).toBe(expected));

test.each([
  ['0{"sid":"a"}', 'Engine.IO open'],
  ['2', 'Engine.IO ping'],
  ['40', 'Socket.IO connect'],
  ['42["chat","hi"]', 'Socket.IO event chat'],
  ['42/admin,17["chat"]', 'Socket.IO event chat'],
  ['hello', null],
])('of Engine.IO, %j is %s', (text, expected) => {
  expect(read('', '/socket.io/?EIO=4&transport=websocket', text)).toBe(expected);
});
