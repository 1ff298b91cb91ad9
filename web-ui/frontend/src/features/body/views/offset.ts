// A place in a body, as somebody writes it.

/** The number of a byte: `4096`, `4,096`, `0x1000` or `1000h`; null for what is none. */
export function offsetIn(text: string): number | null {
  const written = text.trim().replaceAll(/[\s,_]/g, '');
  const [, prefixed, suffixed] = /^(?:0x([0-9a-f]+)|([0-9a-f]+)h)$/i.exec(written) ?? [];
  const digits = prefixed ?? suffixed;
  const number = digits !== undefined ? parseInt(digits, 16) : /^\d+$/.test(written) ? Number(written) : NaN;
  return Number.isSafeInteger(number) ? number : null;
}
