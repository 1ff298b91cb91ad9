import { expect, test } from 'vitest';
import type { SettingsChange, Status } from '../../api/types';
import { sinceText, usedText } from './since';

const change = { at: '2026-11-22T15:04:05Z', who: 'page', address: null, why: null } as SettingsChange;

test.each<[Partial<SettingsChange>, RegExp]>([
  [{}, /^Since 2026-11-2\d \d\d:\d\d:05 by page$/],
  [{ why: 'INC-1' }, /by page: INC-1$/],
  [{ address: '10.1.2.9', why: 'INC-1' }, /by page from 10\.1\.2\.9: INC-1$/],
])('%o', (more, expected) => expect(sinceText({ ...change, ...more })).toMatch(expected));

test('what is in use is of the bound, if there is one', () => {
  const text = (max_size: number | null) =>
    usedText({ ledger: { stored: 1 }, retention: { used: 2048, max_size } } as unknown as Status);
  expect(text(null)).toBe('Stored since dashcam started: 1 exchange. In use: 2.0 KiB.');
  expect(text(1 << 30)).toBe('Stored since dashcam started: 1 exchange. In use: 2.0 KiB of 1.0 GiB.');
});
