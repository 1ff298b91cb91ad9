import { expect, test } from 'vitest';
import { distrusts } from './distrust';
import { isHere } from './place';
import { CURES, cureOf, takenElsewhere } from './runtimes';
import { SYSTEMS } from './systems';

const failed = (message: string) => ({ side: 'client', stage: 'tls_handshake', message }) as const;

test.each([
  ["The client rejected dashcam's certificate for a.test (unknown_ca). It is probably curl: set …", true],
  [
    'The client closed the connection right after the TLS handshake for a.test, without a request: it probably does not trust the certificate. …',
    true,
  ],
  [
    'The client rejected the configured (--cert) certificate for a.test (unknown_ca). Let it trust the issuer of the certificate that --cert names.',
    false,
  ],
  ['The client did not finish the TLS handshake for a.test within 10 s.', false],
])('%s', (message, expected) => {
  expect(distrusts(failed(message))).toBe(expected);
  expect(distrusts({ ...failed(message), side: 'upstream' })).toBe(false);
});

test('each runtime has steps, and those that name a file name the one that is there', () => {
  for (const [runtime, cure] of Object.entries(CURES)) {
    const steps = cure.steps('/h/ca.pem');
    expect(steps.length, runtime).toBeGreaterThan(0);
    const named = steps.some(
      ({ text, command }) => /\/h\/ca\.pem/.test(`${command}`) || /ca\.pem|ca install/.test(`${text} ${command}`),
    );
    expect(named, runtime).toBe(true);
  }
  expect(cureOf('node').steps('/h/ca.pem')[0]?.command).toBe('export NODE_EXTRA_CA_CERTS=/h/ca.pem');
  expect(cureOf(null).name).toBe(null);
  expect(cureOf('toString')).toBe(cureOf(undefined));
});

test('on another machine there is no dashcam to run', () => {
  const commands = takenElsewhere(cureOf('curl').steps('ca.pem')).map(({ command }) => command);
  expect(commands).toEqual(['curl --cacert ca.pem https://example.com/', 'export CURL_CA_BUNDLE=ca.pem']);
  expect(takenElsewhere(cureOf('firefox').steps('ca.pem'))).toHaveLength(1);
});

test('each system has steps', () => {
  for (const { name, steps } of SYSTEMS) expect(steps('/h/ca.pem').length, name).toBeGreaterThan(0);
});

test.each([
  ['127.0.0.1:50412', true],
  ['[::1]:1', true],
  ['::1', true],
  ['10.1.2.9:41022', false],
  ['[::12]:1', false],
  ['192.168.127.1', false],
])('a client at %s is here: %s', (address, expected) => expect(isHere(address)).toBe(expected));
