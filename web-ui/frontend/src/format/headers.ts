// Headers as text.
import type { Headers } from '../api/types';

/** One `Name: value` a line, in order. */
export function headerLines(headers: Headers): string {
  return headers.map(([name = '', value = '']) => `${name}: ${value}`).join('\n');
}
