// The lists, one line each: what their tab says, and what shows them.
import type { Component } from 'svelte';
import type { Role } from '../api/types';
import { loadCompareView } from '../features/compare';
import { count } from '../format/size';
import * as texts from '../texts/app';
import * as terms from '../texts/terms';
import type { App } from './app.svelte';
import ExchangesView from './ExchangesView.svelte';
import type { View } from './location';

export interface ViewEntry {
  label: string;
  /** How many things went wrong, or null, where some can. */
  badge?: (app: App) => string | null;
  /** The view to whose tab it belongs, if it has none of its own. */
  under?: View;
  /** The role without which it has no tab. */
  needs?: Role;
  /** Shows it, if its code comes with the page. */
  component?: Component;
  /** Fetches what shows it. */
  load: () => Promise<Component>;
}

const atLeast = (value: number, hasMore: boolean) => `${count(value)}${hasMore ? '+' : ''}`;

export const VIEW_TABLE: Record<View, ViewEntry> = {
  exchanges: {
    label: terms.exchanges,
    component: ExchangesView,
    load: () => Promise.resolve(ExchangesView),
  },
  dashboard: {
    label: texts.dashboard,
    load: () => import('../features/dashboard').then((door) => door.DashboardView),
  },
  connections: {
    label: texts.failedConnections,
    badge: ({ connections: { ids, hasMore } }) => (ids.length > 0 ? atLeast(ids.length, hasMore) : null),
    load: () => import('../features/connections').then((door) => door.ConnectionList),
  },
  gaps: {
    label: texts.missing,
    badge: ({ gaps: { hours, missing, hasMore } }) => (hours.length > 0 ? atLeast(missing, hasMore) : null),
    load: () => import('../features/gaps').then((door) => door.GapList),
  },
  rules: { label: texts.rules, load: () => import('../features/rules').then((door) => door.RuleView) },
  snapshots: {
    label: texts.snapshots,
    badge: ({ snapshots: { recovered } }) => (recovered.length > 0 ? count(recovered.length) : null),
    load: () => import('../features/snapshots').then((door) => door.SnapshotView),
  },
  boundaries: {
    label: texts.boundaries,
    load: () => import('../features/boundaries').then((door) => door.BoundaryView),
  },
  audit: {
    label: texts.audit,
    needs: 'admin',
    load: () => import('../features/audit').then((door) => door.AuditView),
  },
  compare: { label: texts.compare, under: 'exchanges', load: loadCompareView },
};

/** The view whose tab is selected while `view` is shown. */
export const tabOf = (view: View): View => VIEW_TABLE[view].under ?? view;
