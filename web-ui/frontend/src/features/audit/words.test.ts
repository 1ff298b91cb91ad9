import { expect, test } from 'vitest';
import type { AuditEntry } from '../../api/types';
import { facts, subject } from './words';

function entry(of: Partial<AuditEntry>): AuditEntry {
  return {
    id: 1,
    at: '2026-11-29T09:28:55.000000Z',
    who: 'page',
    role: 'admin',
    address: null,
    session: null,
    action: 'read',
    exchanges: [],
    filter: null,
    count: null,
    detail: null,
    ...of,
  };
}

test('the exchanges are named by number, a few of them, or by the filter', () => {
  expect(subject(entry({ exchanges: [7] }))).toBe('#7');
  expect(subject(entry({ exchanges: [1, 2, 3, 4, 5, 6] }))).toBe('#1, #2, #3, #4, #5, …');
  expect(subject(entry({ filter: 'host:a' }))).toBe('host:a');
  expect(subject(entry({ action: 'token' }))).toBe('');
});

test('the rest says how many, and what else is known', () => {
  expect(facts(entry({ count: 1, detail: { parts: ['detail', 'body'] } }))).toBe('parts detail + body');
  const exported = entry({ action: 'export', count: 3, detail: { format: 'har', unsealed: false } });
  expect(facts(exported)).toBe('3 exchanges, format har, unsealed false');
  expect(facts(entry({ action: 'unseal', count: 1, detail: { purpose: 'curl' } }))).toBe('1 value, purpose curl');
  expect(facts(entry({ action: 'seal', count: 2, detail: { which: 'all' } }))).toBe('2 secrets, which all');
  expect(facts(entry({ action: 'lost', count: 2 }))).toBe('2 entries');
});
