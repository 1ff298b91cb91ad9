import { expect, test } from 'vitest';
import { advice } from './advice';

const failure = (side: 'client' | 'upstream', stage: 'tls_handshake' | 'dns', message: string) => ({
  side,
  stage,
  message,
});

test('a client that rejects the certificate can be let pass', () => {
  const rejected = failure('client', 'tls_handshake', "The client rejected dashcam's certificate for api.example.com.");
  const what = advice(rejected, 'api.example.com:443');
  expect(what.text).toContain('pins its certificates');
  expect(what.command).toBe("dashcam serve --ignore-hosts 'api\\.example\\.com'");
});

test('a handshake that fails for another reason is not said to be one of trust', () => {
  const old = failure('client', 'tls_handshake', 'The client that asks for a.b speaks only TLS 1.1 or older.');
  expect(advice(old, 'a.b:443').text).not.toContain('pins');
});

test('a name that does not resolve can be tried', () => {
  expect(advice(failure('upstream', 'dns', 'a.b does not resolve'), 'a.b:1').command).toBe('getent hosts a.b');
});
