import { expect, test } from 'vitest';
import { phoneOf } from './phone';
import { waysOf, type WayId } from './ways';

const NONE = { forward: [], socks5: [], transparent: [], reverse: [] };
const forward = (address: string) => ({ ...NONE, forward: [address] });

const lines = (id: WayId, advice = forward('127.0.0.1:8080'), home = '/home/me/.dashcam') =>
  waysOf({ advice, home })
    .find((way) => way.id === id)
    ?.steps.map(({ command }) => command ?? '')
    .join('\n');

test('each way names the listener and the certificate that are there', () => {
  expect(lines('curl')).toBe(
    'curl --proxy http://127.0.0.1:8080 --cacert /home/me/.dashcam/ca.pem https://example.com/',
  );
  expect(lines('shell')).toContain('export http_proxy=http://127.0.0.1:8080 https_proxy=http://127.0.0.1:8080');
  expect(lines('java')).toContain('-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=8080');
  expect(lines('java', forward('[::1]:8080'))).toContain('-Dhttps.proxyHost=::1 -Dhttps.proxyPort=8080');
});

test('a dashcam with a home of its own is named by it', () => {
  expect(lines('run')).toContain('dashcam run -- COMMAND');
  expect(lines('run', undefined, '/tmp/my demo')).toContain("dashcam --home '/tmp/my demo' run -- COMMAND");
  expect(lines('curl', undefined, '/tmp/my demo')).toContain("--cacert '/tmp/my demo/ca.pem'");
});

test('a container shares the network only where it has to', () => {
  expect(lines('docker')).toContain('--network host');
  const open = lines('docker', forward('192.0.2.7:8080'));
  expect(open).toContain('HTTPS_PROXY=http://host.docker.internal:8080');
  expect(open).not.toContain('--network host');
});

test('without a forward listener there are only the ways of those that are there', () => {
  const ids = (advice: Parameters<typeof waysOf>[0]['advice']) => waysOf({ advice, home: '/h' }).map(({ id }) => id);
  expect(ids({ ...NONE, socks5: ['127.0.0.1:1080'] })).toEqual(['shell', 'curl']);
  expect(ids({ ...NONE, reverse: [{ address: 'a:1', to: 'http://b' }], transparent: ['0.0.0.0:2'] })).toEqual([
    'server',
  ]);
  expect(ids(NONE)).toEqual([]);
});

test('a phone reaches a listener that is not on loopback', () => {
  const listener = (address: string, mode = 'forward') => ({ mode, address, proxy_protocol: false });
  const port = '8080';
  expect(phoneOf([listener('127.0.0.1:8080')], 'localhost')).toEqual({ listener: null, local: ['127.0.0.1:8080'] });
  expect(phoneOf([listener('127.0.0.1:1'), listener('192.0.2.7:8080')], 'localhost').listener).toEqual({
    host: '192.0.2.7',
    port,
  });
  expect(phoneOf([listener('0.0.0.0:8080')], '192.0.2.9').listener).toEqual({ host: '192.0.2.9', port });
  expect(phoneOf([listener('[::]:8080')], 'localhost').listener).toEqual({ host: null, port });
  expect(phoneOf([listener('0.0.0.0:8080', 'reverse:http://a')], 'box')).toEqual({ listener: null, local: [] });
});
