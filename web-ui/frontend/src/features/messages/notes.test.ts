import { describe, expect, test } from 'vitest';
import { isWebSocket, missingMessages } from './notes';

const body = {
  size: 8,
  stored: 0,
  split: null,
  truncated: false,
  stored_as: 'sent' as const,
  complete: true,
  end: null,
  trailers: null,
};

function exchange(version: string, field: [string, string], status: number, truncated = false) {
  const request = { method: 'GET', target: '/', authority: null, version, headers: [field] };
  const response = { version, status, reason: '', headers: [] };
  return { request, response, request_body: { ...body, truncated }, response_body: body };
}

describe('a WebSocket', () => {
  test.each([
    ['HTTP/1.1', ['Upgrade', 'WebSocket'], 101, true],
    ['HTTP/1.1', ['upgrade', 'h2c, websocket'], 101, true],
    ['HTTP/1.1', ['Upgrade', 'websocket'], 200, false],
    ['HTTP/1.1', ['Upgrade', 'h2c'], 101, false],
    ['HTTP/2', [':protocol', 'websocket'], 200, true],
    ['HTTP/2', [':protocol', 'websocket'], 404, false],
  ] as [string, [string, string], number, boolean][])('%s %s %d', (version, field, status, expected) => {
    expect(isWebSocket(exchange(version, field, status))).toBe(expected);
  });

  test('says what lacks, of each side', () => {
    const cut = exchange('HTTP/1.1', ['Upgrade', 'websocket'], 101, true);
    expect(missingMessages(cut, 'request')).toContain('the client sent');
    expect(missingMessages(cut, 'response')).toBeNull();
    expect(missingMessages(exchange('HTTP/1.1', ['Accept', '*/*'], 200, true), 'request')).toBeNull();
  });
});
