// How far a search through bodies came, over all of its calls.
import type { SearchProgress } from '../api/types';

export interface SearchCourse {
  /** Exchanges that were looked at, and about how many are left. */
  readonly lookedAt: number;
  readonly left: number;
  /** Bytes of bodies, decoded. */
  readonly bytes: number;
  /** Exchanges whose bodies are damaged. */
  readonly unreadable: number;
}

/** The course `before`, and the one of the next call; null if that looked into no body. */
export function further(before: SearchCourse | null, next: SearchProgress | null): SearchCourse | null {
  if (next === null) return null;
  return {
    lookedAt: (before?.lookedAt ?? 0) + next.looked_at,
    left: next.left,
    bytes: (before?.bytes ?? 0) + next.bytes,
    unreadable: (before?.unreadable ?? 0) + next.unreadable,
  };
}

/** How much of all was looked at: whole percent, 100 only at the end. */
export function percent({ lookedAt, left }: SearchCourse): number {
  return left === 0 ? 100 : Math.min(99, Math.floor((100 * lookedAt) / (lookedAt + left)));
}
