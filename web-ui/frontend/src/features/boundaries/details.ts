// The history's words about a change beyond the settings: a step of the budget, a lease, a snapshot.
import type { SettingsChange } from '../../api/types';
import { count, size } from '../../format/size';
import { moment } from '../../format/time';
import * as texts from '../../texts/boundaries';

type Change = Pick<SettingsChange, 'kind' | 'detail'>;

/** The value at `path` in a detail, if it is a text or a number. */
function read(detail: unknown, ...path: string[]): string | number | null {
  const value = path.reduce<unknown>(
    (at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined),
    detail,
  );
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}

/** The step that a change set, and why; null if it is a change of another kind. */
export function stepOf({ kind, detail }: Change): { step: string; because: string } | null {
  const step = kind === 'step' ? read(detail, 'step') : null;
  return step === null ? null : { step: String(step), because: String(read(detail, 'because') ?? '') };
}

/** A detail in a sentence; null if there is none. */
export function detailText(change: Change): string | null {
  const { kind, detail } = change;
  if (detail == null) return null;
  if (kind === 'lease') return leaseText(detail);
  const step = stepOf(change);
  if (step !== null)
    return step.because === '' ? texts.budget(step.step) : texts.budgetBecause(step.step, step.because);
  return Object.entries(detail)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${String(value)}`)
    .join(', ');
}

/** "lease 3 begun: full of host:a; until 15:04:05, at most 10 exchanges; 2 exchanges, 1.0 KiB used". */
function leaseText(detail: unknown): string {
  const number = (name: string) => Number(read(detail, name) ?? NaN);
  const match = read(detail, 'rule', 'match');
  const rule = texts.leaseOf(
    String(read(detail, 'rule', 'level')),
    match === null || match === '' ? texts.everything : String(match),
  );
  const [until, bytes, exchanges] = [number('until'), number('max_bytes'), number('max_exchanges')];
  const bounds = [
    Number.isNaN(until) ? null : texts.until(moment(new Date(until / 1000).toISOString()).slice(0, 19)),
    Number.isNaN(bytes) ? null : texts.atMost(size(bytes)),
    Number.isNaN(exchanges) ? null : texts.atMostExchanges(exchanges),
  ].filter((bound) => bound !== null);
  const used = texts.leaseUsed(count(number('used_exchanges')), size(number('used_bytes')));
  const because = read(detail, 'because');
  const begun = texts.leaseEvent(String(read(detail, 'lease')), String(read(detail, 'event')));
  const event = because === null ? begun : `${begun} (${because})`;
  return `${event}: ${[rule, ...bounds, used].join(', ')}`;
}
