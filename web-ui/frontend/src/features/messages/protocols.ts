// Protocols that are spoken in messages of WebSockets, and what a message is in them.
import type { Exchange, Headers, Message } from '../../api/types';

/** What a message is: its kind, and what it is about, such as a topic. */
export interface Named {
  kind: string;
  about: string | null;
}

/** Finds out what a message is; null if it does not say. */
export type Reader = (message: Pick<Message, 'text' | 'data'>) => Named | null;

const named = (kind: string, about: string | null | undefined = null): Named => ({ kind, about: about ?? null });

/** Tells if the messages of `exchange` are a stream of MQTT packets. */
export const isMqtt = ({ request, response }: Pick<Exchange, 'request' | 'response'>): boolean =>
  /\bmqtt/.test(agreedOn(response?.headers ?? []) || agreedOn(request.headers));

/** The reader of the messages of `exchange`, by the protocol that was agreed on, or that they show. */
export function readerOf({ request, response }: Pick<Exchange, 'request' | 'response'>): Reader {
  const agreed = agreedOn(response?.headers ?? []) || agreedOn(request.headers);
  const isEngine = /[?&]EIO=\d/.test(request.target);
  const readers = [
    ...(/graphql/i.test(agreed) ? [graphql] : []),
    ...(isEngine ? [socketIo] : []),
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

const agreedOn = (headers: Headers) =>
  headers.find(([name]) => name?.toLowerCase() === 'sec-websocket-protocol')?.[1]?.toLowerCase() ?? '';

const GRAPHQL =
  /^(connection_(init|ack|error|terminate|keep_alive)|subscribe|start|next|data|error|complete|stop|ka|ping|pong)$/;

/** Of graphql-transport-ws, and of its forerunner. */
const graphql: Reader = ({ text }) => {
  const [, type] = /^\s*\{(?:[^{}]*,)?\s*"type"\s*:\s*"([a-z_]+)"/.exec(text ?? '') ?? [];
  return type !== undefined && GRAPHQL.test(type) ? named(`GraphQL ${type}`) : null;
};

const SIGNALR = ['', 'invocation', 'stream item', 'completion', 'stream', 'cancel', 'ping', 'close', 'ack', 'sequence'];

/** Records of JSON, each with a separator at its end. */
const signalR: Reader = ({ text }) => {
  if (text?.endsWith('\x1e') !== true) return null;
  if (/^\{"protocol":"\w+"/.test(text)) return named('SignalR handshake');
  if (text.startsWith('{}\x1e')) return named('SignalR accepted');
  const [, type = ''] = /"type"\s*:\s*(\d)/.exec(text) ?? [];
  const [, target] = /"target"\s*:\s*"([^"]*)"/.exec(text) ?? [];
  const kind = SIGNALR[Number(type)];
  return kind === undefined || kind === '' ? null : named(`SignalR ${kind}`, target);
};

const ENGINE = ['open', 'close', 'ping', 'pong', '', 'upgrade', 'noop'];
const SOCKET = ['connect', 'disconnect', 'event', 'ack', 'error', 'binary event', 'binary ack'];

/** Of Engine.IO a digit, of Socket.IO another one. */
const socketIo: Reader = ({ text }) => {
  const [, engine = '', socket] = /^([0-6])(?:(?<=4)([0-6]))?/.exec(text ?? '') ?? [];
  if (engine === '') return null;
  if (socket === undefined) return named(`Engine.IO ${engine === '4' ? 'message' : (ENGINE[Number(engine)] ?? '')}`);
  const [, event] = /^4[25][^[]*\["([^"]*)"/.exec(text ?? '') ?? [];
  return named(`Socket.IO ${SOCKET[Number(socket)] ?? ''}`, event);
};

const STOMP =
  /^(CONNECT|STOMP|CONNECTED|SEND|SUBSCRIBE|UNSUBSCRIBE|ACK|NACK|BEGIN|COMMIT|ABORT|DISCONNECT|MESSAGE|RECEIPT|ERROR)\r?\n/;

const stomp: Reader = ({ text }) => {
  const [, command] = STOMP.exec(text ?? '') ?? [];
  if (command === undefined) return null;
  const [, destination] = /\ndestination:([^\r\n]*)/.exec(text?.split(/\n\r?\n/, 1)[0] ?? '') ?? [];
  return named(`STOMP ${command}`, destination);
};
