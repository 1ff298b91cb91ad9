import { expect, test } from 'vitest';
import { sendingAdvice } from './listeners';

test('listeners say where to send traffic', () => {
  const listeners = [
    { mode: 'forward', address: '0.0.0.0:8080', proxy_protocol: false },
    { mode: 'forward', address: '0.0.0.0:8084', proxy_protocol: true },
    { mode: 'forward@8082', address: '127.0.0.1:8082', proxy_protocol: false },
    { mode: 'upstream:http://proxy.example:3128', address: '127.0.0.1:8083', proxy_protocol: false },
    { mode: 'socks5', address: '0.0.0.0:1080', proxy_protocol: false },
    { mode: 'transparent', address: '[::]:8085', proxy_protocol: false },
    { mode: 'reverse:https://api.example.com@9000', address: '[::]:9000', proxy_protocol: false },
  ];
  expect(sendingAdvice(listeners, 'box')).toEqual({
    forward: ['box:8080', '127.0.0.1:8082', '127.0.0.1:8083'],
    socks5: ['box:1080'],
    transparent: ['[::]:8085'],
    reverse: [{ address: 'box:9000', to: 'https://api.example.com' }],
  });
});
