// Times that a person writes.

/**
 * The moment that `text` names, local time: "20:41", "20:41:05", "2026-11-30 20:41". Of a minute or a second it is the end, so
 * that all of it lies before. A time without a date is the latest one before `now`. Null for any other text.
 */
export function momentOf(text: string, now: Date): Date | null {
  const found = /^(?:(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]|$))?\s*(?:(\d{1,2}):(\d{2})(?::(\d{2}))?)?$/.exec(text.trim());
  if (found === null || text.trim() === '') return null;
  const [year, month, day, hour, minute, second] = found
    .slice(1)
    .map((part?: string) => (part === undefined ? null : Number(part)));
  if ((hour ?? 0) > 23 || (minute ?? 0) > 59 || (second ?? 0) > 59) return null;
  const date = new Date(now);
  if (year != null && month != null && day != null) {
    date.setFullYear(year, month - 1, day);
    if (date.getMonth() !== month - 1 || date.getDate() !== day) return null;
  }
  date.setHours(hour ?? 23, minute ?? 59, second ?? 59, 999);
  const begins = date.getTime() - (second == null ? 59_999 : 999);
  if (year == null && begins > now.getTime()) date.setDate(date.getDate() - 1);
  return date;
}
