// Where a client is.

/** Returns whether a client at `address` (with or without a port) is on dashcam's machine for sure. */
export function isHere(address: string): boolean {
  return /^(127\.|\[?::1(\]|$)|\[?::ffff:127\.)/.test(address);
}
