// The tree of hosts and paths beside the list.
import * as counts from './counts';

export const name = 'Hosts and paths';
export const of = (exchanges: string) => `of ${exchanges}`;
export const close = 'Close the tree';
export const closeBy = (key: string) => `Close the tree (${key})`;
export const notComplete = (newest: string) => `Not complete: of the newest ${newest} only.`;
export const number = 'number';
export const errors = 'errors';
export const p95 = 'p95';
export const more = (nodes: number) => `and ${nodes} more`;
export const atLeastMore = (nodes: number) => `and at least ${nodes} more`;

// The figures of a host or path, as they are read out.
export const exchangesOf = (name: string, exchanges: number) => `${name}: ${counts.exchanges(exchanges)}`;
export const errorsAre = (percent: string) => `${percent} errors`;
export const p95Is = (duration: string) => `p95 ${duration}`;
