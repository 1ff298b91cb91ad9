import { expect, test } from 'vitest';
import { sendingAdvice } from './listeners';

test('listeners say where to send traffic', () => {
  const listeners = [
    { mode: 'forward', address: '0.0.0.0:8080' },
    { mode: 'forward@8082', address: '127.0.0.1:8082' },
    { mode: 'upstream:http://proxy.example:3128', address: '127.0.0.1:8083' },
    { mode: 'socks5', address: '0.0.0.0:1080' },
    { mode: 'reverse:https://api.example.com@9000', address: '[::]:9000' },
  ];
  expect(sendingAdvice(listeners, 'box')).toEqual({
    forward: ['box:8080', '127.0.0.1:8082', '127.0.0.1:8083'],
    socks5: ['box:1080'],
    reverse: [{ address: 'box:9000', to: 'https://api.example.com' }],
  });
});
