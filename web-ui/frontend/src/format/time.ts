// Times and durations as people read them. The API's times are RFC 3339 UTC with microseconds, its durations microseconds.

/** The time of day, local, to the millisecond: "15:04:05.123". */
export function clock(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const two = (value: number) => String(value).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Date and time of day, local: "2026-11-22 15:04:05.123". */
export function moment(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock(at)}`;
}

/** The date, local: "2026-11-22". */
export function day(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : moment(at).slice(0, 10);
}

/** A duration with three digits at the most: "840 µs", "5.1 ms", "12.3 s", "4 min 05 s", "2 h 07 min". */
export function duration(us: number): string {
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 999_500) return `${short(us / 1000)} ms`;
  const seconds = us / 1_000_000;
  if (seconds < 99.95) return `${short(seconds)} s`;
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** A span of seconds in its two largest units: "45 s", "3 min", "2 h 07 min", "12 d 4 h". */
export function age(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86_400) return duration(whole * 1_000_000);
  const hours = Math.floor((whole % 86_400) / 3600);
  return `${Math.floor(whole / 86_400)} d${hours > 0 ? ` ${hours} h` : ''}`;
}

const SECONDS: Record<string, number> = { s: 1, m: 60, min: 60, h: 3600, d: 86_400, w: 604_800 };

/** The seconds that a text such as "90s", "10m" or "1h 30m" names; null for any other. */
export function parseSpan(text: string): number | null {
  const parts = [...text.trim().matchAll(/(\d+)\s*(s|min|m|h|d|w)\s*/gy)];
  const length = parts.reduce((sum, [whole]) => sum + whole.length, 0);
  if (parts.length === 0 || length !== text.trim().length) return null;
  return parts.reduce((sum, [, number, unit = 's']) => sum + Number(number) * (SECONDS[unit] ?? 0), 0);
}

/** Microseconds between two times of the API. */
export function between(from: string, until: string): number {
  return micros(until) - micros(from);
}

/** Microseconds since the epoch; `Date` alone keeps only milliseconds. */
function micros(at: string): number {
  const fraction = /\.(\d+)/.exec(at)?.[1] ?? '';
  const seconds = Math.floor(Date.parse(at) / 1000);
  return seconds * 1_000_000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

function short(value: number): string {
  return value.toFixed(value < 99.95 ? 1 : 0);
}
