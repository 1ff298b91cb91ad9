// How two exchanges went: status, times and sizes beside each other.
import { size } from '../../format/size';
import { duration, moment } from '../../format/time';
import * as terms from '../../texts/terms';
import * as texts from '../../texts/compare';
import type { Comparable } from './side';

export interface Fact {
  name: string;
  left: string;
  right: string;
  /** How the right one differs from the left one, if that is a number. */
  change: string | null;
  /** It differs. */
  differs: boolean;
}

interface Measure {
  name: string;
  of: (exchange: Comparable) => number | null;
  shown: (value: number) => string;
}

const firstByte = ({ timings }: Comparable): number | null => timings.response_start_us ?? null;

const MEASURES: readonly Measure[] = [
  { name: terms.duration, of: ({ duration_us }) => duration_us ?? null, shown: duration },
  { name: texts.firstByteAfter, of: firstByte, shown: duration },
  { name: texts.bodies.request, of: ({ request_body }) => request_body.size, shown: size },
  { name: texts.bodies.response, of: ({ response_body }) => response_body.size, shown: size },
];

/** The facts, one a line. */
export function factsOf(left: Comparable, right: Comparable): Fact[] {
  const words = (name: string, of: (exchange: Comparable) => string, counts = true): Fact => {
    const [one, other] = [of(left), of(right)];
    return { name, left: one, right: other, change: null, differs: counts && one !== other };
  };
  const numbers = MEASURES.map(({ name, of, shown }): Fact => {
    const [one, other] = [of(left), of(right)];
    const text = (value: number | null) => (value === null ? '–' : shown(value));
    return { name, left: text(one), right: text(other), change: changed(one, other, shown), differs: false };
  });
  return [
    words(terms.status, statusOf),
    words(texts.version, ({ request, response }) => response?.version ?? request.version),
    words(texts.began, ({ started_at }) => moment(started_at), false),
    ...numbers,
  ];
}

function statusOf({ status, response, state, failure }: Comparable): string {
  const said = status == null ? '' : `${status} ${response?.reason ?? ''}`.trim();
  const rest = state === 'complete' && said !== '' ? [] : [state, ...(failure == null ? [] : [failure.message])];
  return [said, ...rest].filter((part) => part !== '').join(', ');
}

/** "+1.2 KiB (×2)", "−3 ms"; null if there is no difference to speak of. */
function changed(left: number | null, right: number | null, shown: (value: number) => string): string | null {
  if (left === null || right === null || left === right) return null;
  const by = `${right > left ? '+' : '−'}${shown(Math.abs(right - left))}`;
  const times = left > 0 && right > 0 ? Math.max(left, right) / Math.min(left, right) : 1;
  return times < 1.5 ? by : `${by}, ${right > left ? '×' : '÷'}${times < 10 ? times.toFixed(1) : Math.round(times)}`;
}
