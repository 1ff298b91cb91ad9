// The bounds of the recording in words.
import type { Retention } from '../../api/types';
import { count, plural, size } from '../../format/size';
import { age } from '../../format/time';

/** What is kept at the most, and what became of what was beyond that. */
export function boundsText(kept: Retention, now = Date.now()): string {
  const bounds = [
    kept.max_size == null ? null : size(kept.max_size),
    kept.max_age_us == null ? null : age(kept.max_age_us / 1e6),
    kept.max_exchanges == null ? null : plural(kept.max_exchanges, 'exchange'),
  ].filter((bound) => bound !== null);
  const lines = [
    bounds.length === 0 ? 'Kept without bounds.' : `Kept at the most: ${bounds.join(', ')}.`,
    `${size(kept.used)} in use, ${plural(kept.deleted, 'exchange')} deleted by the bounds since dashcam started, ${count(kept.pinned)} pinned.`,
  ];
  if (kept.oldest_at != null)
    lines.push(`The oldest exchange is ${age((now - Date.parse(kept.oldest_at)) / 1000)} old.`);
  if (kept.crowded)
    lines.push(
      'Pinned exchanges alone take all the room: others go as soon as they have ended. Unpin some, or choose a larger --max-size.',
    );
  return lines.join('\n');
}
