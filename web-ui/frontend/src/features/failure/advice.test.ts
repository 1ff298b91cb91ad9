import { expect, test } from 'vitest';
import { advice } from './advice';

test('a client that rejects the certificate is told what to do', () => {
  const what = advice({ side: 'client', stage: 'tls_handshake' }, 'api.example.com:443');
  expect(what.text).toContain('ca.pem');
  expect(what.command).toBe("dashcam serve --ignore-hosts 'api\\.example\\.com'");
  expect(advice({ side: 'upstream', stage: 'dns' }, 'a.b:1').command).toBe('getent hosts a.b');
});
