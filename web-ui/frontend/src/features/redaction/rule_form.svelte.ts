// The form of a rule of redaction that is added while dashcam runs.
import { messageOf } from '../../api/error';
import type { RedactionRule } from '../../api/types';
import type { Redaction } from '../../stores/redaction.svelte';
import { redactedPlace } from './words';

export const FIELDS = [
  { field: 'header', label: 'Header', example: 'x-session' },
  { field: 'cookie', label: 'Cookie', example: 'sid' },
  { field: 'query', label: 'Query parameter', example: 'sig' },
  { field: 'form', label: 'Form field', example: 'pin' },
  { field: 'json', label: 'JSON value', example: '$..iban' },
  { field: 'regex', label: 'Text that matches', example: 'CUST-(\\d+)' },
] as const;

export type Field = (typeof FIELDS)[number]['field'];

/** A rule as it is written. */
export interface Draft {
  field: Field;
  name: string;
  on: '' | 'request' | 'response' | 'message';
  host: string;
  how: '' | 'remove' | 'mask' | 'pseudonym' | 'seal';
}

/** What is wrong with a draft; null if nothing is, or if it is not written yet. */
export function problemOf({ field, name, host }: Draft): string | null {
  const text = name.trim();
  if (field === 'json' && text !== '' && !text.startsWith('$')) return 'A path begins with $: $.user.pin, or $..pin.';
  if (field === 'header' && /[:\s]/.test(text)) return 'The name alone, without a colon.';
  if (/[/\s]/.test(host.trim())) return 'The host’s name, with * for any characters: *.pay.example.';
  return null;
}

/** The rule that a draft without problems stands for. */
export function ruleOf({ field, name, on, host, how }: Draft): RedactionRule {
  return {
    [field]: name.trim(),
    ...(on === '' ? {} : { on }),
    ...(host.trim() === '' ? {} : { host: host.trim() }),
    ...(how === '' ? {} : { how }),
  };
}

const EMPTY: Draft = { field: 'header', name: '', on: '', host: '', how: '' };

export class RedactionRuleForm {
  draft: Draft = $state({ ...EMPTY });
  sending = $state(false);
  error = $state<string | null>(null);
  problem = $derived.by(() => problemOf(this.draft));
  valid = $derived.by(() => this.problem === null && this.draft.name.trim() !== '');
  readonly #redaction: Redaction;

  constructor(redaction: Redaction) {
    this.#redaction = redaction;
  }

  async send(): Promise<void> {
    if (!this.valid || this.sending) return;
    this.sending = true;
    this.error = null;
    const rule = ruleOf(this.draft);
    try {
      await this.#redaction.add(rule, `added redaction of ${redactedPlace(rule)}`);
      this.draft = { ...EMPTY };
    } catch (error) {
      this.error = messageOf(error);
    } finally {
      this.sending = false;
    }
  }
}
