// MQTT over WebSockets: packets are joined out of messages, which may hold several of them, or parts.
import type { Message } from '../../api/types';
import { bytesOf } from '../../format/hex';
import type { Named } from './protocols';

const NAMES = [
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
/** The most of a packet that is looked at. */
const LOOKED_AT = 4096;

export interface Packet extends Named {
  size: number;
  /** What it carries, as text if it is some; null for what has no payload of its own. */
  payload: Uint8Array | null;
}

/** A packet that is not whole yet: its first bytes, and how many of it have passed. */
interface Begun {
  head: number[];
  passed: number;
  /** Its size; null until its length is known. */
  size: number | null;
}

/** Joins the packets of both directions; messages are pushed in their order. */
export class MqttPackets {
  readonly #begun: Record<Message['direction'], Begun> = { request: fresh(), response: fresh() };

  /** The packets that end in `message`; null for one that can't be read. */
  push(message: Message): Packet[] | null {
    if (message.kind !== 'binary') return null;
    const bytes = bytesOf(message.data, message.size);
    const packets: Packet[] = [];
    let begun = this.#begun[message.direction];
    let at = 0;
    while (at < message.size) {
      if (begun.size === null) {
        // Bytes that the list does not have may begin further packets.
        const byte = bytes[at];
        if (byte === undefined) return this.#lose(message, packets);
        begun.head.push(byte);
        begun.passed += 1;
        at += 1;
        begun.size = sizeOf(begun.head);
        if (begun.size === null && begun.head.length > 4) return this.#lose(message, packets);
      } else {
        const count = Math.min(begun.size - begun.passed, message.size - at);
        const room = Math.max(0, LOOKED_AT - begun.head.length);
        // Only while nothing before was left out.
        if (begun.head.length === begun.passed) begun.head.push(...bytes.subarray(at, at + Math.min(count, room)));
        begun.passed += count;
        at += count;
      }
      if (begun.size !== null && begun.passed === begun.size) {
        packets.push(packetOf(Uint8Array.from(begun.head), begun.size));
        begun = this.#begun[message.direction] = fresh();
      }
    }
    return packets;
  }

  #lose(message: Message, packets: Packet[]): Packet[] | null {
    this.#begun[message.direction] = fresh();
    return packets.length > 0 ? packets : null;
  }
}

const fresh = (): Begun => ({ head: [], passed: 0, size: null });

/** The size of a packet with its head; null while its length goes on, or where it is none. */
function sizeOf(head: readonly number[]): number | null {
  let [length, factor] = [0, 1];
  for (let at = 1; at < head.length; at++) {
    const byte = head[at] ?? 0;
    length += (byte & 0x7f) * factor;
    factor *= 128;
    if (byte < 0x80) return at + 1 + length;
  }
  return null;
}

function packetOf(bytes: Uint8Array, size: number): Packet {
  const kind = (bytes[0] ?? 0) >>> 4;
  const about = { kind: `MQTT ${NAMES[kind] === '' ? 'reserved' : (NAMES[kind] ?? '')}`, about: null, size };
  if (kind !== PUBLISH) return { ...about, payload: null };
  let at = 1;
  while (((bytes[at] ?? 0) & 0x80) !== 0) at += 1;
  const length = ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  const topic = new TextDecoder().decode(bytes.subarray(at + 3, at + 3 + length));
  // Those that are acknowledged have a number.
  const behind = at + 3 + length + (((bytes[0] ?? 0) & 0x06) === 0 ? 0 : 2);
  return { ...about, about: topic, payload: bytes.subarray(behind) };
}
