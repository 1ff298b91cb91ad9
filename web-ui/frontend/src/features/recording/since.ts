// Since when something is as it is, by whom, and what came of it.
import type { SettingsChange, Status } from '../../api/types';
import { size } from '../../format/size';
import { moment } from '../../format/time';
import * as texts from '../../texts/recording';

/** "Since 2026-11-22 15:04:05 by page: because of INC-123". */
export function sinceText({ at, who, address, why }: SettingsChange): string {
  const time = moment(at).slice(0, 19);
  const since = address == null ? texts.sinceTime(time, who) : texts.sinceTimeFrom(time, who, address);
  return why === null ? since : `${since}: ${why}`;
}

/** "Stored since dashcam started: 12 exchanges. In use: 42.9 MiB of 10.0 GiB." */
export function usedText({ ledger, retention }: Pick<Status, 'ledger' | 'retention'>): string {
  const stored = texts.stored(ledger.stored);
  if (retention == null) return stored;
  const used = size(retention.used);
  const inUse = retention.max_size == null ? texts.bytesUsed(used) : texts.bytesUsedOf(used, size(retention.max_size));
  return `${stored} ${inUse}`;
}
