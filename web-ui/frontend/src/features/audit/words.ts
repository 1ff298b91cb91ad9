// Entries of the audit log in words.
import type { AuditEntry } from '../../api/types';
import * as counts from '../../texts/counts';
import * as texts from '../../texts/audit';

/** The kinds of entries, and what they are about. */
export const ACTIONS: Readonly<Record<string, string>> = texts.actions;

/** Exchanges that are named at most. */
const NAMED = 5;

/** Which exchanges, by number or filter. */
export function subject({ exchanges, filter }: AuditEntry): string {
  if (filter !== null) return filter;
  const named = exchanges.slice(0, NAMED).map((id) => `#${id}`);
  return exchanges.length > NAMED ? `${named.join(', ')}, …` : named.join(', ');
}

/** The rest: how many, and what else is known. */
export function facts({ action, count: number, detail }: AuditEntry): string {
  const said = counted(action, number);
  const facts = Object.entries(record(detail)).map(([name, value]) => `${name} ${plain(value)}`);
  return [...(said === null ? [] : [said]), ...facts].join(', ');
}

function counted(action: string, number: number | null): string | null {
  if (number === null || action === 'read' || action === 'replay' || action === 'send') return null;
  if (action === 'lost') return counts.entries(number);
  if (action === 'seal') return counts.secrets(number);
  return action === 'unseal' || action === 'redact' ? counts.values(number) : counts.exchanges(number);
}

function plain(value: unknown): string {
  return Array.isArray(value) ? value.map(plain).join(' + ') : String(value);
}

function record(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
