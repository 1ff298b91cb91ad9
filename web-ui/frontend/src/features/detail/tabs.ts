// The parts of an exchange, one line each: what their tab says, when there is one, and what shows it.
import type { Component } from 'svelte';
import type { Exchange } from '../../api/types';
import type { Tab } from '../../app/location';
import { count } from '../../format/size';
import { MessageList } from '../messages';
import { TimingTab } from '../timing';
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
  request: { label: () => 'Request', component: RequestTab },
  response: { label: () => 'Response', component: ResponseTab },
  messages: {
    label: (exchange, messages) => `Messages ${count(Math.max(exchange.message_count, messages))}`,
    has: (exchange) => exchange.message_count > 0,
    component: MessageList,
  },
  timing: { label: () => 'Timing & connections', component: TimingTab },
};

/** Tells if `exchange` has such a part. */
export function hasTab(exchange: Exchange, tab: Tab): boolean {
  return TAB_TABLE[tab].has?.(exchange) ?? true;
}
