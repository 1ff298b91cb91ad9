// Placeholders of redacted values: what they stand for.

/** The length of the value, by its name in the placeholder. */
export const lengths: Readonly<Record<string, string>> = {
  lt8: 'shorter than 8 bytes',
  lt16: '8 to 15 bytes',
  lt32: '16 to 31 bytes',
  lt64: '32 to 63 bytes',
  lt128: '64 to 127 bytes',
  lt512: '128 to 511 bytes',
  ge512: '512 bytes or more',
};
export const masked = (kind: string, length: string) => `${kind}, masked: ${length}`;
export const someLength = 'of some length';
export const sealed = (kind: string) => `${kind}, sealed: it can be put back for a while`;
export const pseudonym = (kind: string) => `${kind}, replaced by a pseudonym: equal values have the same`;
