// Protocols that are spoken in messages of WebSockets, and what a message is in them.
import type { Exchange, Headers, Message } from '../../api/types';
import { bytesOf } from '../../format/hex';

/** Finds out what a message is; null if it does not say. */
type Reader = (message: Pick<Message, 'text' | 'data'>) => string | null;

/** The reader of the messages of `exchange`, by the protocol that was agreed on, or that they show. */
export function readerOf({ request, response }: Pick<Exchange, 'request' | 'response'>): Reader {
  const agreed = named(response?.headers ?? []) || named(request.headers);
  const isEngine = /[?&]EIO=\d/.test(request.target);
  const readers = [
    ...(/graphql/i.test(agreed) ? [graphql] : []),
    ...(isEngine ? [socketIo] : []),
    ...(/\bmqtt/i.test(agreed) ? [mqtt] : []),
    signalR,
    stomp,
    ...(agreed === '' ? [graphql] : []),
  ];
  return (message) => {
    for (const reader of readers) {
      const found = reader(message);
      if (found !== null) return found;
    }
    return null;
  };
}

const named = (headers: Headers) =>
  headers.find(([name]) => name?.toLowerCase() === 'sec-websocket-protocol')?.[1]?.toLowerCase() ?? '';

const GRAPHQL =
  /^(connection_(init|ack|error|terminate|keep_alive)|subscribe|start|next|data|error|complete|stop|ka|ping|pong)$/;

/** Of graphql-transport-ws, and of its forerunner. */
const graphql: Reader = ({ text }) => {
  const [, type] = /^\s*\{(?:[^{}]*,)?\s*"type"\s*:\s*"([a-z_]+)"/.exec(text ?? '') ?? [];
  return type !== undefined && GRAPHQL.test(type) ? `GraphQL ${type}` : null;
};

const SIGNALR = ['', 'invocation', 'stream item', 'completion', 'stream', 'cancel', 'ping', 'close', 'ack', 'sequence'];

/** Records of JSON, each with a separator at its end. */
const signalR: Reader = ({ text }) => {
  if (text?.endsWith('\x1e') !== true) return null;
  if (/^\{"protocol":"\w+"/.test(text)) return 'SignalR handshake';
  if (text.startsWith('{}\x1e')) return 'SignalR accepted';
  const [, type = ''] = /"type"\s*:\s*(\d)/.exec(text) ?? [];
  const [, target] = /"target"\s*:\s*"([^"]*)"/.exec(text) ?? [];
  const kind = SIGNALR[Number(type)];
  return kind === undefined || kind === '' ? null : ['SignalR', kind, target].filter((part) => part != null).join(' ');
};

const ENGINE = ['open', 'close', 'ping', 'pong', '', 'upgrade', 'noop'];
const SOCKET = ['connect', 'disconnect', 'event', 'ack', 'error', 'binary event', 'binary ack'];

/** Of Engine.IO a digit, of Socket.IO another one. */
const socketIo: Reader = ({ text }) => {
  const [, engine = '', socket] = /^([0-6])(?:(?<=4)([0-6]))?/.exec(text ?? '') ?? [];
  if (engine === '') return null;
  if (socket === undefined) return engine === '4' ? 'Engine.IO message' : `Engine.IO ${ENGINE[Number(engine)] ?? ''}`;
  const [, event] = /^4[25][^[]*\["([^"]*)"/.exec(text ?? '') ?? [];
  return `Socket.IO ${SOCKET[Number(socket)] ?? ''}${event === undefined ? '' : ` ${event}`}`;
};

const STOMP =
  /^(CONNECT|STOMP|CONNECTED|SEND|SUBSCRIBE|UNSUBSCRIBE|ACK|NACK|BEGIN|COMMIT|ABORT|DISCONNECT|MESSAGE|RECEIPT|ERROR)\r?\n/;

const stomp: Reader = ({ text }) => {
  const [, command] = STOMP.exec(text ?? '') ?? [];
  if (command === undefined) return null;
  const [, destination] = /\ndestination:([^\r\n]*)/.exec(text?.split(/\n\r?\n/, 1)[0] ?? '') ?? [];
  return `STOMP ${command}${destination === undefined ? '' : ` ${destination}`}`;
};

const MQTT = [
  '',
  'CONNECT',
  'CONNACK',
  'PUBLISH',
  'PUBACK',
  'PUBREC',
  'PUBREL',
  'PUBCOMP',
  'SUBSCRIBE',
  'SUBACK',
  'UNSUBSCRIBE',
  'UNSUBACK',
  'PINGREQ',
  'PINGRESP',
  'DISCONNECT',
  'AUTH',
];
const PUBLISH = 3;

/** Its first byte has the kind; a publication has its topic behind the length. */
const mqtt: Reader = ({ data }) => {
  const bytes = bytesOf(data, 300);
  const kind = (bytes[0] ?? 0) >>> 4;
  const name = MQTT[kind];
  if (name === undefined || name === '') return null;
  if (kind !== PUBLISH) return `MQTT ${name}`;
  let at = 1;
  while (((bytes[at] ?? 0) & 0x80) !== 0) at += 1;
  const length = ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  return `MQTT ${name} ${new TextDecoder().decode(bytes.subarray(at + 3, at + 3 + length))}`;
};
