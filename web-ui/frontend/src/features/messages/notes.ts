// What there is to say about the messages of a WebSocket besides themselves.
import type { Body, Direction, Exchange, Headers } from '../../api/types';
import * as texts from '../../texts/messages';

const tokens = (headers: Headers, name: string) =>
  headers
    .filter(([key = '']) => key.toLowerCase() === name)
    .flatMap(([, value = '']) => value.toLowerCase().split(','))
    .map((token) => token.trim());

/** Tells if `body` consists of messages of which some are stored. */
export const isSplit = (body: Pick<Body, 'split' | 'stored'>): boolean => body.split != null && body.stored > 0;

/** Tells if `exchange` has messages to list: recorded ones, or some in a body. */
export const hasMessages = (exchange: Exchange): boolean =>
  exchange.message_count > 0 || isSplit(exchange.request_body) || isSplit(exchange.response_body);

/** Tells if its messages are what `exchange` is about: those of a request alone are not. */
export const isOfMessages = (exchange: Exchange): boolean =>
  exchange.message_count > 0 || isSplit(exchange.response_body);

/** Tells if `exchange` became a WebSocket, over HTTP/1.1 or HTTP/2: its content is messages, and no body. */
export function isWebSocket({ request, response }: Pick<Exchange, 'request' | 'response'>): boolean {
  const status = response?.status ?? 0;
  if (request.version === 'HTTP/2') {
    const granted = status === 101 || (status >= 200 && status < 300);
    return granted && tokens(request.headers, ':protocol').includes('websocket');
  }
  return status === 101 && tokens(request.headers, 'upgrade').includes('websocket');
}

/** What lacks of the messages that went in `direction`; null if nothing does. */
export function missingMessages(
  exchange: Pick<Exchange, 'request' | 'response' | 'request_body' | 'response_body'>,
  direction: Direction,
): string | null {
  const body = direction === 'request' ? exchange.request_body : exchange.response_body;
  if (!isWebSocket(exchange) || !body.truncated) return null;
  return direction === 'request' ? texts.clientIncomplete : texts.serverIncomplete;
}
