// The form that redacts a value later: where it stands, and how far the redaction goes.
import { messageOf } from '../../api/error';
import type { RedactionRule } from '../../api/types';
import type { Redaction, Sum } from '../../stores/redaction.svelte';
import * as texts from '../../texts/redaction_dialogs';
import { generalized, type ValuePlace } from './places';
import { redactedPlace } from './words';

type How = NonNullable<RedactionRule['how']>;

export class RedactForm {
  /** The chosen place's key. */
  chosen = $state('');
  /** Wherever stored exchanges have the same value, rather than in this one. */
  everywhere = $state(false);
  /** And by a rule, whatever comes. */
  fromNowOn = $state(false);
  /** The rule is for this host alone. */
  onlyHost = $state(true);
  how = $state<How | ''>('');
  sending = $state(false);
  error = $state<string | null>(null);
  /** What it would change, as far as that is counted. */
  counting = $state.raw<Sum | null>(null);
  counted = $state.raw<Sum | null>(null);
  readonly places: () => readonly ValuePlace[];
  place = $derived.by(() => this.places().find(({ key }) => key === this.chosen));
  /** The rule for what comes. */
  rule = $derived.by((): RedactionRule | null => {
    if (this.place === undefined) return null;
    const rule = generalized(this.place.rule, this.onlyHost ? this.#exchange.host : null);
    return this.how === '' ? rule : { ...rule, how: this.how };
  });
  readonly #redaction: Redaction;
  readonly #exchange: { id: number; host: string };
  #latest = 0;

  constructor(redaction: Redaction, exchange: { id: number; host: string }, places: () => readonly ValuePlace[]) {
    this.#redaction = redaction;
    this.#exchange = exchange;
    this.places = places;
  }

  /** Counts what the redaction of stored exchanges would change. */
  async count(): Promise<void> {
    const call = ++this.#latest;
    [this.counting, this.counted, this.error] = [null, null, null];
    try {
      const counted = await this.#redact(true, (sum) => {
        if (call === this.#latest) this.counting = sum;
        return call === this.#latest;
      });
      if (call === this.#latest) this.counted = counted;
    } catch (error) {
      if (call === this.#latest) this.error = messageOf(error);
    }
  }

  /** Nobody waits for a count any more. */
  stop(): void {
    this.#latest += 1;
  }

  /** Redacts; answers what was changed, or null if that failed. */
  async send(): Promise<Sum | null> {
    if (this.counted === null || this.sending) return null;
    this.sending = true;
    this.error = null;
    try {
      // The rule first: what comes meanwhile is redacted by it.
      const { rule } = this;
      if (this.fromNowOn && rule !== null) await this.#redaction.add(rule, texts.redactFromNowOn(redactedPlace(rule)));
      return await this.#redact(false, () => true);
    } catch (error) {
      this.error = messageOf(error);
      return null;
    } finally {
      this.sending = false;
    }
  }

  async #redact(dryRun: boolean, hear: (sum: Sum) => boolean): Promise<Sum | null> {
    if (this.place === undefined) return null;
    const asked = { place: addressOf(this.place.rule), everywhere: this.everywhere, dryRun };
    return this.#redaction.redact(this.#exchange.id, asked, hear);
  }
}

/** A place as the API names it: `request.header:authorization`. */
export function addressOf({ on, header, cookie, query, form, json }: RedactionRule): string {
  const [kind, name] = Object.entries({ header, cookie, query, form, json }).find(([, value]) => value != null) ?? [];
  return `${on ?? 'request'}.${kind ?? ''}:${name ?? ''}`;
}

/** A rule as it would stand in config.toml. */
export function asToml(rule: RedactionRule): string {
  const fields = Object.entries(rule).filter(([, value]) => value != null);
  return `{ ${fields.map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(', ')} }`;
}
