// Since when something is as it is, by whom, and what came of it.
import type { SettingsChange, Status } from '../../api/types';
import { plural, size } from '../../format/size';
import { moment } from '../../format/time';

/** "Since 2026-11-22 15:04:05 by page: because of INC-123". */
export function sinceText({ at, who, address, why }: SettingsChange): string {
  const from = address == null ? '' : ` from ${address}`;
  return `Since ${moment(at).slice(0, 19)} by ${who}${from}${why === null ? '' : `: ${why}`}`;
}

/** "Stored since dashcam started: 12 exchanges. In use: 42.9 MiB of 10.0 GiB." */
export function usedText({ ledger, retention }: Pick<Status, 'ledger' | 'retention'>): string {
  const stored = `Stored since dashcam started: ${plural(ledger.stored, 'exchange')}.`;
  if (retention == null) return stored;
  const most = retention.max_size == null ? '' : ` of ${size(retention.max_size)}`;
  return `${stored} In use: ${size(retention.used)}${most}.`;
}
