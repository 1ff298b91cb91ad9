// An exchange that rules are asked about, as it is typed.
import type { RuleTested } from '../../api/types';
import * as texts from '../../texts/rules';

/** What is typed; empty is not known. */
export interface Description {
  exchange: string;
  method: string;
  url: string;
  client: string;
  status: string;
  duration: string;
  /** More of it, in the words of the filter language. */
  more: string;
}

/** The question that a description makes, or what is wrong with it; neither while there is nothing to ask about. */
export interface Asked {
  tested: RuleTested | null;
  problem: string | null;
}

const UNITS: Record<string, number> = { µs: 1, us: 1, ms: 1000, s: 1_000_000, m: 60_000_000 };

/** Of this one nothing is known. */
const UNKNOWN: RuleTested = {
  exchange: null,
  described: null,
  method: null,
  url: null,
  client: null,
  program: null,
  mode: null,
  listener: null,
  headers: null,
  status: null,
  response_headers: null,
  duration_us: null,
  failure: null,
};

/** The question about a recorded exchange. */
export const recorded = (exchange: number): RuleTested => ({ ...UNKNOWN, exchange });

const wrong = (problem: string): Asked => ({ tested: null, problem });

export function described(typed: Description): Asked {
  const { exchange, method, url, client, status, duration, more } = trimmed(typed);
  if (exchange !== '') {
    const id = Number(exchange.replace(/^#/, ''));
    return Number.isSafeInteger(id) && id > 0
      ? { tested: recorded(id), problem: null }
      : wrong(texts.exchangeHasNumber);
  }
  if ([method, url, client, status, duration, more].every((text) => text === ''))
    return { tested: null, problem: null };
  if (url !== '' && !URL.canParse(url)) return wrong(texts.urlBegins);
  if (status !== '' && !/^[1-9]\d\d$/.test(status)) return wrong(texts.statusHasDigits);
  const took = duration === '' ? null : microseconds(duration);
  if (duration !== '' && took === null) return wrong(texts.durationSuchAs);
  const text = (value: string) => (value === '' ? null : value);
  return {
    tested: {
      ...UNKNOWN,
      method: text(method),
      url: text(url),
      client: text(client),
      status: status === '' ? null : Number(status),
      duration_us: took,
      described: text(more),
    },
    problem: null,
  };
}

function microseconds(text: string): number | null {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)\s*(µs|us|ms|s|m)$/.exec(text) ?? [];
  return number === undefined ? null : Math.round(Number(number) * (UNITS[unit] ?? 0));
}

function trimmed({ exchange, method, url, client, status, duration, more }: Description): Description {
  return {
    exchange: exchange.trim(),
    method: method.trim(),
    url: url.trim(),
    client: client.trim(),
    status: status.trim(),
    duration: duration.trim(),
    more: more.trim(),
  };
}
