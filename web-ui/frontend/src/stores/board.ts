// The figures of the dashboard, for one filter: over time, and by host, endpoint and client.
import { fetchStats } from '../api/calls';
import type { Stats } from '../api/types';

export interface Board {
  /** All exchanges over time. */
  overTime: Stats;
  /** The hosts with the most exchanges, over time. */
  hosts: Stats;
  /** Hosts with paths. */
  endpoints: Stats;
  clients: Stats;
}

/** At most so many points of a line. */
const POINTS = 120;
const HOSTS = 5;
const ENDPOINTS = 300;
const CLIENTS = 12;

/** Stretches of time that people know, in seconds. */
const STEPS: readonly [string, number][] = [
  ['1s', 1],
  ['5s', 5],
  ['15s', 15],
  ['1m', 60],
  ['5m', 300],
  ['15m', 900],
  ['1h', 3600],
  ['6h', 21_600],
  ['1d', 86_400],
  ['7d', 604_800],
];

/** The stretch that makes at most `POINTS` of the time between two moments. */
export function stepOf(from: string | null, until: string | null): string {
  const seconds = from === null || until === null ? 0 : (Date.parse(until) - Date.parse(from)) / 1000;
  return STEPS.find(([, step]) => seconds / step <= POINTS)?.[0] ?? '7d';
}

export async function fetchBoard(filter: string, signal: AbortSignal): Promise<Board> {
  const endpoints = await fetchStats({ filter, by: 'host,path', limit: ENDPOINTS }, signal);
  const every = stepOf(endpoints.covered.from, endpoints.covered.until);
  const [overTime, hosts, clients] = await Promise.all([
    fetchStats({ filter, every, limit: 1000 }, signal),
    fetchStats({ filter, by: 'host', stat: 'count,p95', every, limit: HOSTS }, signal),
    fetchStats({ filter, by: 'client', stat: 'count,errors,bytes', limit: CLIENTS }, signal),
  ]);
  return { overTime, hosts, endpoints, clients };
}
