// The bounds of the recording in words.
import type { Retention } from '../../api/types';
import { size } from '../../format/size';
import { age } from '../../format/time';
import * as counts from '../../texts/counts';
import * as texts from '../../texts/recording';

/** What is kept at the most, and what became of what was beyond that. */
export function boundsText(kept: Retention, now = Date.now()): string {
  const bounds = [
    kept.max_size == null ? null : size(kept.max_size),
    kept.max_age_us == null ? null : age(kept.max_age_us / 1e6),
    kept.max_exchanges == null ? null : counts.exchanges(kept.max_exchanges),
  ].filter((bound) => bound !== null);
  const lines = [
    bounds.length === 0 ? texts.unbounded : texts.keptAtMost(bounds.join(', ')),
    texts.inUse(size(kept.used), kept.deleted, kept.pinned),
  ];
  if (kept.oldest_at != null) lines.push(texts.oldestIs(age((now - Date.parse(kept.oldest_at)) / 1000)));
  if (kept.crowded) lines.push(texts.crowded);
  return lines.join('\n');
}
