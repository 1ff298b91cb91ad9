import { expect, test } from 'vitest';
import type { Message } from '../../api/types';
import { MqttPackets } from './mqtt';

let seq = 0;

function message(bytes: string, direction: Message['direction'] = 'response', size = bytes.length): Message {
  seq += 1;
  const about = { seq, at: '2026-11-29T10:30:00Z', kind: 'binary', coding: null, redacted: false } as const;
  return { ...about, direction, size, stored: size, preview: size > bytes.length, text: null, data: btoa(bytes) };
}

const CONNECT = '\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00';
const PUBLISH = '\x30\x07\x00\x03a/bhi';

const said = (packets: MqttPackets, one: Message) =>
  packets.push(one)?.map(({ kind, about, size, payload }) => {
    const text = payload === null ? '' : `: ${new TextDecoder().decode(payload)}`;
    return `${kind} ${about ?? '-'} ${size}${text}`;
  });

test('a message may hold several packets, and parts of them', () => {
  const packets = new MqttPackets();
  expect(said(packets, message(`${CONNECT}\xc0\x00`))).toEqual(['MQTT CONNECT - 14', 'MQTT PINGREQ - 2']);
  expect(said(packets, message(PUBLISH.slice(0, 4)))).toEqual([]);
  expect(said(packets, message('\xd0\x00', 'request'))).toEqual(['MQTT PINGRESP - 2']);
  expect(said(packets, message(PUBLISH.slice(4) + PUBLISH))).toEqual([
    'MQTT PUBLISH a/b 9: hi',
    'MQTT PUBLISH a/b 9: hi',
  ]);
  expect(said(packets, message('\x32\x09\x00\x03a/b\x00\x07hi'))).toEqual(['MQTT PUBLISH a/b 11: hi']);
});

test('a large packet of which the list has the beginning is one, and what is behind it is not guessed', () => {
  const packets = new MqttPackets();
  const begin = '\x30\x87\x10\x00\x03a/bhi';
  expect(said(packets, message(begin, 'response', 3 + 0x807))).toEqual([`MQTT PUBLISH a/b ${3 + 0x807}: hi`]);
  expect(said(packets, message(begin, 'response', 3 + 0x807 + 2))?.length).toBe(1);
  expect(said(packets, message(PUBLISH))).toEqual(['MQTT PUBLISH a/b 9: hi']);
});

test('what is no packet is left as it is', () => {
  const packets = new MqttPackets();
  expect(packets.push(message('\x30\xff\xff\xff\xff\xff'))).toBeNull();
  expect(packets.push({ ...message(''), kind: 'ping' })).toBeNull();
});
