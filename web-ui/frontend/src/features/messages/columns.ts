// The columns of the table of messages, and which of its rows match.
import type { Part } from '../../api/body_calls';
import type { BodyMessage, Direction, Message } from '../../api/types';
import { bytesOf, hex } from '../../format/hex';
import { shortened } from '../../format/placeholders';
import { size } from '../../format/size';
import { between, clock, duration, moment } from '../../format/time';
import * as texts from '../../texts/messages';
import * as terms from '../../texts/terms';
import type { Column } from '../../ui/grid';
import type { Packet } from './mqtt';
import type { Named } from './protocols';
import TextCell from './TextCell.svelte';

export interface MessageLine {
  /** No other line of the table has it. */
  key: number;
  /** Where its content is. */
  part: Part;
  direction: Direction;
  /** When it passed; null where that is not known. */
  at: string | null;
  /** When the exchange began. */
  start: string;
  /** Its kind in the protocol that is spoken; else the kind of message. */
  kind: string;
  /** Its kind and what it is about. */
  name: string;
  size: number;
  /** Its beginning. */
  text: string;
  /** All that is known of its text, to search in. */
  all: string;
  isControl: boolean;
}

/** More of a message is not in its line. */
const SHOWN = 600;
const CONTROL = ['ping', 'pong', 'close'];

export const isSent = ({ direction }: MessageLine): boolean => direction === 'request';

const way = (line: MessageLine) => (isSent(line) ? texts.fromClientTip : texts.toClientTip);

const WAY: Column<MessageLine> = {
  id: 'direction',
  title: '⇅',
  name: texts.direction,
  width: '14px',
  narrow: '14px',
  slim: '14px',
  text: (line) => (isSent(line) ? '↑' : '↓'),
  words: way,
  tip: way,
  classes: (line) => (isSent(line) ? 'strong tone-redirect' : 'strong tone-ok'),
};

const TIMES: readonly Column<MessageLine>[] = [
  {
    id: 'time',
    title: terms.time,
    width: '88px',
    narrow: '88px',
    text: ({ at }) => (at === null ? '' : clock(at)),
    tip: ({ at }) => (at === null ? null : moment(at)),
    classes: () => 'muted',
  },
  {
    id: 'offset',
    title: texts.offset,
    width: '74px',
    narrow: '70px',
    slim: '80px',
    text: ({ at, start }) => (at === null ? '' : `+${duration(Math.max(0, between(start, at)))}`),
    classes: () => 'muted',
  },
];

const CONTENTS: readonly Column<MessageLine>[] = [
  {
    id: 'kind',
    title: texts.kind,
    width: 'minmax(56px, max-content)',
    ample: '180px',
    narrow: '96px',
    slim: 'minmax(0, 1fr)',
    text: ({ name }) => name,
    tip: ({ name }) => name,
    classes: ({ isControl }) => (isControl ? 'tone-warn' : ''),
  },
  {
    id: 'size',
    title: terms.size,
    width: '66px',
    narrow: '60px',
    slim: '66px',
    align: 'end',
    text: (line) => size(line.size),
  },
  {
    id: 'text',
    title: texts.message,
    width: 'minmax(120px, 5fr)',
    narrow: 'minmax(60px, 3fr)',
    below: '1 / -1',
    text: ({ text }) => text,
    tip: ({ text }) => shortened(text).slice(0, 200),
    cell: TextCell,
  },
];

/** Columns of messages that passed at a time each. */
export const TIMED: readonly Column<MessageLine>[] = [WAY, ...TIMES, ...CONTENTS];
/** Columns of messages of which it is not known when they passed. */
export const UNTIMED: readonly Column<MessageLine>[] = [WAY, ...CONTENTS];

/** The line of `message`; `named` is what it is in the protocol that is spoken. */
export function lineOf(message: Message, start: string, named: Named | null): MessageLine {
  const coded = message.coding == null ? '' : `${texts.notInflated(message.coding)} `;
  const text = message.text?.slice(0, SHOWN) ?? `${coded}${hex(bytesOf(message.data, 32), 32)}`;
  const kind = named?.kind ?? message.kind;
  return {
    key: message.seq,
    part: message.seq,
    direction: message.direction,
    at: message.at,
    start,
    kind,
    name: nameOf(kind, named?.about ?? null),
    size: message.size,
    text,
    all: message.text ?? text,
    isControl: CONTROL.includes(message.kind),
  };
}

/** The line of an MQTT packet that ends in `message`. */
export function lineOfPacket(packet: Packet, message: Message, start: string): MessageLine {
  const line = lineOf(message, start, packet);
  if (packet.payload === null) return { ...line, size: packet.size, text: '', all: '' };
  const text = textOf(packet.payload) ?? hex(packet.payload.subarray(0, 32), 32);
  return { ...line, size: packet.size, text: text.slice(0, SHOWN), all: text };
}

/** The line of a message that stands in a body. */
export function lineOfPiece(message: BodyMessage, direction: Direction, start: string): MessageLine {
  const cut = message.complete ? '' : `${texts.cutOff} `;
  const text = cut + (message.text ?? hex(bytesOf(message.data, 32), 32));
  return {
    // A place of one body may be one of the other, too.
    key: message.offset * 2 + (direction === 'request' ? 0 : 1),
    part: `${direction}@${message.offset}`,
    direction,
    at: message.at,
    start,
    kind: message.kind,
    name: message.kind,
    size: message.size,
    text: text.slice(0, SHOWN),
    all: text,
    isControl: message.kind === 'comment' || message.kind === 'no data',
  };
}

const nameOf = (kind: string, about: string | null) => (about === null || about === '' ? kind : `${kind} ${about}`);

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The rows that are asked for. */
export interface Wanted {
  /** In the text or the name, small and capital letters alike. */
  text: string;
  direction: '' | Direction;
  kind: string;
}

export function matches({ direction, kind, name, all }: MessageLine, wanted: Wanted): boolean {
  if (wanted.direction !== '' && direction !== wanted.direction) return false;
  if (wanted.kind !== '' && kind !== wanted.kind) return false;
  const needle = wanted.text.trim().toLowerCase();
  return needle === '' || `${name} ${all}`.toLowerCase().includes(needle);
}
