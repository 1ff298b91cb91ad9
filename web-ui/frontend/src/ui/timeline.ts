// Spans of time on a line, and the marks of its axis. Times are milliseconds since the epoch.

/** A time with a beginning and an end. */
export interface Span {
  from: number;
  until: number;
}

/** One thing on a line. */
export interface Shown extends Span {
  /** Distinguishes it from others of its lane. */
  id: string;
  title: string;
  /** A CSS class: its colour. */
  tone: string;
  /** Something is missing there. */
  broken?: boolean;
}

/** Things of one kind, above each other's. */
export interface Lane {
  label: string;
  spans: readonly Shown[];
}

/** The place of `span` in `window`, in percent; null if it is outside. */
export function place(span: Span, window: Span): { left: number; width: number } | null {
  const [from, until] = [Math.max(span.from, window.from), Math.min(span.until, window.until)];
  if (until < from || window.until <= window.from) return null;
  const percent = (ms: number) => (100 * ms) / (window.until - window.from);
  return { left: percent(from - window.from), width: percent(until - from) };
}

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000];
/** Distances of marks, the shortest first. */
const STEPS = [
  SECOND,
  10 * SECOND,
  30 * SECOND,
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  28 * DAY,
  91 * DAY,
  364 * DAY,
];

/** The times of at most `most` marks in `window`, as local clocks show round ones; `offset` is the local time's lead in ms. */
export function marks(window: Span, most: number, offset = 0): number[] {
  const step = STEPS.find((step) => (window.until - window.from) / step <= most - 1) ?? STEPS.at(-1) ?? DAY;
  const first = Math.ceil((window.from + offset) / step) * step - offset;
  const count = Math.max(0, Math.floor((window.until - first) / step) + 1);
  return Array.from({ length: Math.min(count, most) }, (_, index) => first + index * step);
}
