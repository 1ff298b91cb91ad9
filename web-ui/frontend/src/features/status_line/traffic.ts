// Counts of the traffic as people read them.
import type { Outcomes, Traffic } from '../../api/types';
import { count, size } from '../../format/size';
import { duration } from '../../format/time';
import * as texts from '../../texts/status_line';

/** Requests of which the upstream or dashcam says that something is wrong. */
export function badRequests(requests: Outcomes): number {
  return requests.status_5xx + requests.failed + requests.refused;
}

/** "7 2xx, 1 failed; 2 under way", and how much passed: of the outcomes only those that there are. */
export function outcomesTitle({ requests, in_progress, request_bytes, response_bytes }: Traffic): string {
  const outcomes = Object.entries(requests)
    .filter(([name, value]) => name !== 'total' && value > 0)
    .map(([name, value]) => `${count(value)} ${name.replace('status_', '')}`);
  const ended = outcomes.length === 0 ? texts.noneEnded : texts.ended(outcomes.join(', '));
  return texts.traffic(ended, count(in_progress), size(request_bytes), size(response_bytes));
}

/** All quantiles, to the response's head and to its end. */
export function latencyTitle({ to_head, to_end }: Traffic): string {
  return texts.latency(quantiles(to_head), quantiles(to_end));
}

function quantiles({ p50_us, p90_us, p99_us, p999_us }: Traffic['to_head']): string {
  const all = Object.entries({ p50: p50_us, p90: p90_us, p99: p99_us, 'p99.9': p999_us });
  return all.map(([name, us]) => `${name} ${us == null ? '–' : duration(us)}`).join(', ');
}
