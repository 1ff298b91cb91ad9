// How two bodies are compared: as JSON, by lines, as images, or by their bytes.
import { looksLikeJson } from '../../format/media';
import type { BodyText } from './comparison.svelte';
import { jsonRows } from './json';
import type { Row } from './rows';

export type BodyComparison =
  | { kind: 'none' }
  | { kind: 'same' }
  | { kind: 'json'; rows: Row[] }
  | { kind: 'text'; left: string; right: string }
  | { kind: 'images' }
  | { kind: 'bytes' };

/** How to compare two bodies of those types; null stands for one that is not there. */
export function comparisonOf(
  texts: readonly [BodyText | null, BodyText | null],
  types: readonly [string, string],
): BodyComparison {
  const [left, right] = texts;
  if (left === null && right === null) return { kind: 'none' };
  if (isImage(left, types[0]) && isImage(right, types[1])) return { kind: 'images' };
  if (left?.text === null || right?.text === null) return { kind: 'bytes' };
  const [one, other] = [left?.text ?? '', right?.text ?? ''];
  if (one === other) return { kind: 'same' };
  const isJson = looksLikeJson(types[0], one) && looksLikeJson(types[1], other);
  const rows = isJson && left?.truncated !== true && right?.truncated !== true ? jsonRows(one, other) : null;
  return rows === null ? { kind: 'text', left: one, right: other } : { kind: 'json', rows };
}

const isImage = (text: BodyText | null, type: string) => text !== null && /^image\/(?!svg)/i.test(type);
