// Whether a failure means that the client does not trust dashcam's certificate.
import type { Failure } from '../../api/types';

/** Returns whether a client's `failure` is a rejection of a certificate that dashcam issued, or probably one. */
export function distrusts({ side, stage, message }: Failure): boolean {
  if (side !== 'client' || stage !== 'tls_handshake') return false;
  // Of a certificate of the operator's own (--cert) dashcam's root says nothing.
  if (message.includes('--cert names')) return false;
  return /rejected dashcam's certificate|trust the certificate/.test(message);
}
