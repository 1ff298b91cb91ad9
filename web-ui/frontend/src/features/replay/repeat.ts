// Figures of a request that was sent several times.
import * as texts from '../../texts/replay';

export type Outcome = 'waiting' | 'sending' | 'done' | 'failed' | 'left_out';

/** One of the requests. */
export interface Sent {
  number: number;
  outcome: Outcome;
  /** The exchange that it became. */
  id: number | null;
  status: number | null;
  duration: number | null;
  size: number | null;
  /** Why it failed. */
  error: string | null;
}

export interface Figures {
  done: number;
  /** How many had each status, or failed; the most frequent first. */
  statuses: [string, number][];
  /** Durations in microseconds; null where none is known. */
  fastest: number | null;
  median: number | null;
  slow: number | null;
  slowest: number | null;
}

export function figuresOf(all: readonly Sent[]): Figures {
  const ended = all.filter(({ outcome }) => outcome === 'done' || outcome === 'failed');
  const counts = new Map<string, number>();
  for (const { status } of ended) {
    const name = status === null ? texts.outcomes.failed : String(status);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const durations = ended.flatMap(({ duration }) => duration ?? []).sort((a, b) => a - b);
  const at = (share: number) => durations[Math.max(0, Math.ceil(durations.length * share) - 1)] ?? null;
  return {
    done: ended.length,
    statuses: [...counts].sort(([, a], [, b]) => b - a),
    fastest: durations[0] ?? null,
    median: at(0.5),
    slow: at(0.95),
    slowest: durations.at(-1) ?? null,
  };
}

/** `url` with the host of `host`, which may have a scheme and a port; null if that is no host. */
export function withHost(url: string, host: string): string | null {
  const text = host.trim().replace(/\/+$/, '');
  if (text === '') return url;
  const found = /^([a-z]+):\/\/([^/]*)(.*)$/i.exec(url);
  if (found === null) return null;
  const [, scheme = '', , rest = ''] = found;
  const origin = /^https?:\/\//i.test(text) ? text : `${scheme}://${text}`;
  return /^https?:\/\/[^/?#\s@]+$/i.test(origin) && URL.canParse(origin) ? `${origin}${rest}` : null;
}
