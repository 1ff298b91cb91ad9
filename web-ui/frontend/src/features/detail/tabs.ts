// The parts of an exchange, one line each: what their tab says, when there is one, and what shows it.
import type { Component } from 'svelte';
import type { Exchange } from '../../api/types';
import type { Tab } from '../../app/location';
import { count } from '../../format/size';
import * as texts from '../../texts/detail';
import * as terms from '../../texts/terms';
import { hasMessages, isOfMessages, MessageList } from '../messages';
import OverviewTab from './OverviewTab.svelte';
import RawTab from './RawTab.svelte';
import RequestTab from './RequestTab.svelte';
import ResponseTab from './ResponseTab.svelte';

export interface TabEntry {
  /** `messages` are those that are known by now. */
  label: (exchange: Exchange, messages: number) => string;
  /** Tells if there is anything to show of `exchange`; without this there is. */
  has?: (exchange: Exchange) => boolean;
  component: Component<{ exchange: Exchange }>;
}

export const TAB_TABLE: Record<Tab, TabEntry> = {
  overview: { label: () => texts.overview, component: OverviewTab },
  request: { label: () => terms.request, component: RequestTab },
  response: { label: () => terms.response, component: ResponseTab },
  messages: {
    // How many stand in bodies is not known before they are looked for.
    label: (exchange, messages) =>
      exchange.message_count > 0 ? texts.messagesOf(count(Math.max(exchange.message_count, messages))) : terms.messages,
    has: hasMessages,
    component: MessageList,
  },
  raw: { label: () => texts.raw, component: RawTab },
};

/** Tells if `exchange` has such a part. */
export function hasTab(exchange: Exchange, tab: Tab): boolean {
  return TAB_TABLE[tab].has?.(exchange) ?? true;
}

/** Tells if what was sent says more than the answer: a form with files. */
const isUpload = ({ request }: Exchange): boolean =>
  request.headers.some(([name, value]) => name.toLowerCase() === 'content-type' && /^multipart\//i.test(value));

/**
 * The part that is shown of `exchange` where `asked` is asked for. Where nothing is: messages, if it is about them,
 * the request of an upload, or the response.
 */
export function shownTab(exchange: Exchange, asked: Tab | null): Tab {
  if (asked !== null && hasTab(exchange, asked)) return asked;
  if (asked === null && isOfMessages(exchange)) return 'messages';
  return asked === null && isUpload(exchange) ? 'request' : 'response';
}

/** Tells if `tab` is one of the two that can be shown side by side. */
export const isBoth = (tab: Tab): boolean => tab === 'request' || tab === 'response';
