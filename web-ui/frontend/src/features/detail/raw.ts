// Heads as text: the first line, and the fields in their order.
import type { Exchange } from '../../api/types';
import { headerLines } from '../../format/headers';

/** A request's head. That of HTTP/2 has its pseudo header fields among the others, and no first line. */
export function requestHead({ method, target, version, headers }: Exchange['request']): string {
  return head(`${method} ${target} ${version}`, version, headers);
}

export function responseHead({ version, status, reason, headers }: NonNullable<Exchange['response']>): string {
  return head(`${version} ${status} ${reason}`.trimEnd(), version, headers);
}

function head(line: string, version: string, headers: Exchange['request']['headers']): string {
  const isPseudo = headers[0]?.[0]?.startsWith(':') === true;
  const lines = headers.length === 0 ? '' : `${headerLines(headers)}\n`;
  return isPseudo && version === 'HTTP/2' ? lines : `${line}\n${lines}`;
}
