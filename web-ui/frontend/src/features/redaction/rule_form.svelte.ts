// The form of a rule of redaction that is added while dashcam runs.
import { messageOf } from '../../api/error';
import type { RedactionRule } from '../../api/types';
import type { Redaction } from '../../stores/redaction.svelte';
import * as terms from '../../texts/terms';
import * as texts from '../../texts/redaction_dialogs';
import { redactedPlace } from './words';

export const FIELDS = [
  { field: 'header', label: texts.header, example: 'x-session' },
  { field: 'cookie', label: terms.cookie, example: 'sid' },
  { field: 'query', label: terms.queryParameter, example: 'sig' },
  { field: 'form', label: texts.formField, example: 'pin' },
  { field: 'json', label: texts.jsonValue, example: '$..iban' },
  { field: 'regex', label: texts.textThatMatches, example: 'CUST-(\\d+)' },
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
  if (field === 'json' && text !== '' && !text.startsWith('$')) return texts.pathBegins;
  if (field === 'header' && /[:\s]/.test(text)) return texts.nameAlone;
  if (/[/\s]/.test(host.trim())) return texts.hostName;
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
      await this.#redaction.add(rule, texts.addedRule(redactedPlace(rule)));
      this.draft = { ...EMPTY };
    } catch (error) {
      this.error = messageOf(error);
    } finally {
      this.sending = false;
    }
  }
}
