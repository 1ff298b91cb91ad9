// Bytes for reading.

/** At most `limit` bytes of `base64`. */
export function bytesOf(base64: string, limit: number): Uint8Array {
  const characters = Math.ceil(limit / 3) * 4;
  const binary = atob(base64.slice(0, characters));
  return Uint8Array.from(binary.slice(0, limit), (char) => char.charCodeAt(0));
}

/** Pairs of hex digits, `width` bytes a line. */
export function hex(bytes: Uint8Array, width: number): string {
  const pairs = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));
  const lines: string[] = [];
  for (let at = 0; at < pairs.length; at += width) lines.push(pairs.slice(at, at + width).join(' '));
  return lines.join('\n');
}

/** `bytes` as signs of ASCII, a dot for each that is none. */
export function asciiOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
}

/** `bytes` as lines of hex and what they are as text; with their offsets, from `offset` on, unless that is null. */
export function hexLines(bytes: Uint8Array, offset: number | null): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    const place = offset === null ? '' : `${(offset + at).toString(16).padStart(8, '0')}  `;
    lines.push(`${place}${hex(row, 16).padEnd(47)}  ${asciiOf(row)}`);
  }
  return lines.join('\n');
}
