import { afterEach, expect, test, vi } from 'vitest';
import { fetchPayload } from '../api/calls';
import type { Message } from '../api/types';
import { Payload, textOf } from './payload.svelte';

vi.mock('../api/calls');

const message: Message = {
  seq: 3,
  at: '2026-11-22T15:04:05.123456Z',
  direction: 'request',
  kind: 'text',
  size: 9,
  stored: 9,
  preview: true,
  coding: null,
  redacted: false,
  text: 'gr',
  data: 'Z3I=',
};

afterEach(() => vi.mocked(fetchPayload).mockReset());

test('the whole of a message is fetched from its own address', async () => {
  vi.mocked(fetchPayload).mockResolvedValue(new TextEncoder().encode('grün').buffer);
  const payload = new Payload();
  await payload.load(7, message);
  expect(fetchPayload).toHaveBeenCalledWith(7, 3);
  expect(payload.bytes && textOf(payload.bytes)).toBe('grün');
  expect(payload.loading).toBe(false);
});

test('what fails is said', async () => {
  vi.mocked(fetchPayload).mockRejectedValue(new Error('It is gone.'));
  const payload = new Payload();
  await payload.load(7, message);
  expect([payload.bytes, payload.error]).toEqual([null, 'It is gone.']);
});

test('what is no text stays bytes', () => {
  expect(textOf(new Uint8Array([0xff, 0xfe]))).toBeNull();
});
