// The columns of the table of messages, and which of its rows match.
import type { Message } from '../../api/types';
import { bytesOf, hex } from '../../format/hex';
import { shortened } from '../../format/placeholders';
import { size } from '../../format/size';
import { between, clock, duration, moment } from '../../format/time';
import type { Column } from '../../ui/grid';
import TextCell from './TextCell.svelte';

export interface MessageLine {
  message: Message;
  /** When the exchange began. */
  start: string;
  /** Its name in the protocol that is spoken; else the kind of message. */
  kind: string;
  /** Its beginning. */
  text: string;
}

/** More of a message is not in its line. */
const SHOWN = 600;
const CONTROL = ['ping', 'pong', 'close'];

export const isSent = ({ message }: MessageLine): boolean => message.direction === 'request';

export const COLUMNS: readonly Column<MessageLine>[] = [
  {
    id: 'direction',
    title: '⇅',
    width: '14px',
    narrow: '14px',
    slim: '14px',
    text: (line) => (isSent(line) ? '↑' : '↓'),
    tip: (line) => (isSent(line) ? 'from the client' : 'to the client'),
    classes: (line) => (isSent(line) ? 'strong tone-redirect' : 'strong tone-ok'),
  },
  {
    id: 'time',
    title: 'Time',
    width: '88px',
    narrow: '88px',
    text: ({ message }) => clock(message.at),
    tip: ({ message }) => moment(message.at),
    classes: () => 'muted',
  },
  {
    id: 'offset',
    title: 'Offset',
    width: '74px',
    narrow: '70px',
    slim: '80px',
    text: ({ message, start }) => `+${duration(Math.max(0, between(start, message.at)))}`,
    classes: () => 'muted',
  },
  {
    id: 'kind',
    title: 'Kind',
    width: 'minmax(56px, max-content)',
    ample: '180px',
    narrow: '96px',
    slim: 'minmax(0, 1fr)',
    text: ({ kind }) => kind,
    tip: ({ kind }) => kind,
    classes: ({ message }) => (CONTROL.includes(message.kind) ? 'tone-warn' : ''),
  },
  {
    id: 'size',
    title: 'Size',
    width: '66px',
    narrow: '60px',
    slim: '66px',
    align: 'end',
    text: ({ message }) => size(message.size),
  },
  {
    id: 'text',
    title: 'Message',
    width: 'minmax(120px, 5fr)',
    narrow: 'minmax(60px, 3fr)',
    below: '1 / -1',
    text: ({ text }) => text,
    tip: ({ text }) => shortened(text).slice(0, 200),
    cell: TextCell,
  },
];

/** The line of `message`; `kind` is what it is in the protocol that is spoken. */
export function lineOf(message: Message, start: string, kind: string | null): MessageLine {
  const coded = message.coding == null ? '' : `compressed (${message.coding}), not inflated: `;
  const text = message.text?.slice(0, SHOWN) ?? `${coded}${hex(bytesOf(message.data, 32), 32)}`;
  return { message, start, kind: kind ?? message.kind, text };
}

/** Gives the lines of messages, each read once; `read` tells what one is in the protocol that is spoken. */
export function linesOf(start: string, read: (message: Message) => string | null): (message: Message) => MessageLine {
  const known = new WeakMap<Message, MessageLine>();
  return (message) => {
    const line = known.get(message) ?? lineOf(message, start, read(message));
    known.set(message, line);
    return line;
  };
}

/** The rows that are asked for. */
export interface Wanted {
  /** In the text or the kind, small and capital letters alike. */
  text: string;
  direction: '' | Message['direction'];
  kind: '' | Message['kind'];
}

export function matches({ message, kind, text }: MessageLine, wanted: Wanted): boolean {
  if (wanted.direction !== '' && message.direction !== wanted.direction) return false;
  if (wanted.kind !== '' && message.kind !== wanted.kind) return false;
  const needle = wanted.text.trim().toLowerCase();
  return needle === '' || `${kind} ${message.text ?? text}`.toLowerCase().includes(needle);
}
