// The lists, one line each: what their tab says, and what shows them.
import type { Component } from 'svelte';
import type { Role } from '../api/types';
import { AuditView } from '../features/audit';
import { BoundaryView } from '../features/boundaries';
import { ConnectionList } from '../features/connections';
import { GapList } from '../features/gaps';
import { RuleView } from '../features/rules';
import { SnapshotView } from '../features/snapshots';
import { count } from '../format/size';
import type { App } from './app.svelte';
import ExchangesView from './ExchangesView.svelte';
import type { View } from './location';

export interface ViewEntry {
  label: string;
  /** How many things went wrong, if any did. */
  badge: (app: App) => string | null;
  /** The role without which it has no tab. */
  needs?: Role;
  component: Component;
}

const atLeast = (value: number, hasMore: boolean) => `${count(value)}${hasMore ? '+' : ''}`;

export const VIEW_TABLE: Record<View, ViewEntry> = {
  exchanges: { label: 'Exchanges', badge: () => null, component: ExchangesView },
  connections: {
    label: 'Failed connections',
    badge: ({ connections: { ids, hasMore } }) => (ids.length > 0 ? atLeast(ids.length, hasMore) : null),
    component: ConnectionList,
  },
  gaps: {
    label: 'Missing',
    badge: ({ gaps: { hours, missing, hasMore } }) => (hours.length > 0 ? atLeast(missing, hasMore) : null),
    component: GapList,
  },
  rules: { label: 'Rules', badge: () => null, component: RuleView },
  snapshots: {
    label: 'Snapshots',
    badge: ({ snapshots: { recovered } }) => (recovered.length > 0 ? count(recovered.length) : null),
    component: SnapshotView,
  },
  boundaries: { label: 'Boundaries', badge: () => null, component: BoundaryView },
  audit: { label: 'Audit', badge: () => null, needs: 'admin', component: AuditView },
};
