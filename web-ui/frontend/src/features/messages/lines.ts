// The lines of recorded messages, in their order: each message is read once.
import type { Exchange, Message } from '../../api/types';
import { lineOf, lineOfPacket, type MessageLine } from './columns';
import { MqttPackets } from './mqtt';
import { isMqtt, readerOf } from './protocols';

/** Gives the lines of messages of `exchange`; of MQTT a line for each packet. Messages come in their order. */
export function linesOf(
  exchange: Pick<Exchange, 'started_at' | 'request' | 'response'>,
): (messages: readonly Message[]) => MessageLine[] {
  const read = readerOf(exchange);
  const packets = isMqtt(exchange) ? new MqttPackets() : null;
  const known = new Map<number, { message: Message; lines: MessageLine[] }>();
  let keys = 0;

  function fresh(message: Message): MessageLine[] {
    if (packets === null) return [lineOf(message, exchange.started_at, read(message))];
    const found = packets.push(message)?.map((packet) => lineOfPacket(packet, message, exchange.started_at));
    return (found ?? [lineOf(message, exchange.started_at, null)]).map((line) => ({ ...line, key: keys++ }));
  }

  return (messages) =>
    messages.flatMap((message) => {
      const before = known.get(message.seq);
      // Packets go on from message to message: none is joined twice.
      if (before !== undefined && (packets !== null || before.message === message)) return before.lines;
      const lines = fresh(message);
      known.set(message.seq, { message, lines });
      return lines;
    });
}
