// What was changed in a head on its way.
import type { Headers } from '../../api/types';

/** A field of one head or of both. */
export interface Line {
  name: string;
  value: string;
  /** `removed`: received and not sent; `added`: sent and not received. */
  change: 'none' | 'removed' | 'added';
}

/** Both heads as one list with the fewest changes: a longest common subsequence. */
export function changes(received: Headers, sent: Headers): Line[] {
  const same = (a: readonly string[] | undefined, b: readonly string[] | undefined) =>
    a?.[0] === b?.[0] && a?.[1] === b?.[1];
  // common[i][j]: how many fields are the same from i and j on.
  const common = Array.from({ length: received.length + 1 }, () => new Array<number>(sent.length + 1).fill(0));
  const at = (i: number, j: number) => common[i]?.[j] ?? 0;
  for (let i = received.length - 1; i >= 0; i--) {
    for (let j = sent.length - 1; j >= 0; j--) {
      const length = same(received[i], sent[j]) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
      common[i]?.splice(j, 1, length);
    }
  }
  const lines: Line[] = [];
  const push = (field: readonly string[] | undefined, change: Line['change']) =>
    lines.push({ name: field?.[0] ?? '', value: field?.[1] ?? '', change });
  let [i, j] = [0, 0];
  while (i < received.length || j < sent.length) {
    if (i < received.length && j < sent.length && same(received[i], sent[j])) {
      push(received[i], 'none');
      i++;
      j++;
    } else if (j === sent.length || (i < received.length && at(i + 1, j) >= at(i, j + 1))) {
      push(received[i++], 'removed');
    } else {
      push(sent[j++], 'added');
    }
  }
  return lines;
}
