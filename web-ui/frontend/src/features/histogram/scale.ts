// Buckets of a histogram as bars: places, heights and words.
import type { Histogram } from '../../api/types';
import { clock, day } from '../../format/time';
import * as counts from '../../texts/counts';
import * as texts from '../../texts/histogram';

export interface Bar {
  /** Times in milliseconds. */
  from: number;
  until: number;
  count: number;
  errors: number;
  /** Shares of the whole width … */
  left: number;
  width: number;
  /** … and of the whole height; errors are at the foot of the bar. */
  height: number;
  bad: number;
}

/** Where nothing could be recorded, as shares of the width. */
export interface Hatch {
  left: number;
  width: number;
  title: string;
}

interface Window {
  from: number;
  until: number;
}

/** The least share of the height that one exchange has, so that it can be seen. */
const LEAST = 0.06;

const ms = (at: string) => Date.parse(at);

/** The time that the buckets are about; null if there are none. */
export function windowOf({ buckets, every_us }: Histogram): Window | null {
  const [first, last] = [buckets[0], buckets.at(-1)];
  if (first === undefined || last === undefined) return null;
  return { from: ms(first.from), until: ms(last.from) + every_us / 1000 };
}

export function barsOf(histogram: Histogram): Bar[] {
  const window = windowOf(histogram);
  if (window === null) return [];
  const whole = window.until - window.from;
  const most = Math.max(1, ...histogram.buckets.map((bucket) => bucket.count));
  const share = (value: number) => (value === 0 ? 0 : Math.max(LEAST, value / most));
  return histogram.buckets.map((bucket) => {
    const from = ms(bucket.from);
    const width = histogram.every_us / 1000;
    return {
      from,
      until: from + width,
      count: bucket.count,
      errors: bucket.errors,
      left: (from - window.from) / whole,
      width: width / whole,
      height: share(bucket.count),
      bad: Math.min(share(bucket.count), share(bucket.errors)),
    };
  });
}

/** Gaps, and times in which nothing was recorded, as far as the buckets show them. */
export function hatchesOf(histogram: Histogram): Hatch[] {
  const window = windowOf(histogram);
  if (window === null) return [];
  const whole = window.until - window.from;
  const { gaps, unrecorded } = histogram.covered;
  const spans = [
    ...gaps.map(({ from, until, exchanges }) => ({
      from,
      until,
      title: texts.notRecorded(exchanges),
    })),
    ...unrecorded.map(({ from, until, level }) => ({ from, until, title: texts.levelWas(level) })),
  ];
  return spans.flatMap(({ from, until, title }) => {
    const [start, end] = [Math.max(window.from, ms(from)), Math.min(window.until, ms(until))];
    if (end < start) return [];
    return [{ left: (start - window.from) / whole, width: (end - start) / whole, title }];
  });
}

/** The bar under a share of the width. */
export function barAt(bars: readonly Bar[], share: number): number {
  const at = bars.findIndex(({ left, width }) => share < left + width);
  return at < 0 ? bars.length - 1 : at;
}

const time = (at: number, short: boolean) => {
  const text = clock(new Date(at).toISOString());
  return short ? text.slice(0, 8) : text;
};

/** "10:20:00 – 10:21:00", with the date where it is another day than that of the end. */
export function rangeText(from: number, until: number): string {
  const short = from % 1000 === 0 && until % 1000 === 0;
  const [first, last] = [day(new Date(from).toISOString()), day(new Date(until).toISOString())];
  const dated = first === last ? '' : `${first} `;
  return `${dated}${time(from, short)} – ${first === last ? '' : `${last} `}${time(until, short)}`;
}

/** The bars from `first` to `last` in words. */
export function wordsOf(bars: readonly Bar[], first: number, last: number): string {
  const some = bars.slice(first, last + 1);
  const [start, end] = [some[0], some.at(-1)];
  if (start === undefined || end === undefined) return '';
  const sum = (of: (bar: Bar) => number) => some.reduce((all, bar) => all + of(bar), 0);
  const errors = sum((bar) => bar.errors);
  const bad = errors === 0 ? texts.noErrors : counts.errors(errors);
  return `${rangeText(start.from, end.until)}: ${counts.exchanges(sum((bar) => bar.count))}, ${bad}`;
}
