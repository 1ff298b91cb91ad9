// The composer's form: a recorded request with edits, or a new one.
import { fetchText } from '../../api/calls';
import { messageOf } from '../../api/error';
import type { Exchange, NewRequest, Replay } from '../../api/types';
import { size } from '../../format/size';
import * as texts from '../../texts/replay';
import { fromCurl } from './curl';
import { check, draftOf, edits, requestOf, type Draft } from './edit';
import { isLost } from './lost';
import { filled, originOf, secretsOf } from './secrets';

/** The most of a body that is fetched for editing: all that the API gives. */
const LARGEST = 4 * 1024 * 1024;

export class ReplayForm {
  draft: Draft = $state({ method: '', url: '', headers: '', body: '' });
  /** What the draft was before the person changed it. */
  original: Draft = $state.raw({ method: '', url: '', headers: '', body: '' });
  loading = $state(true);
  sending = $state(false);
  error = $state<string | null>(null);
  bodyHint = $state('');
  /** What was typed for redacted values, by their placeholders. */
  typed: Record<string, string> = $state({});
  /** A seal has expired, or its key is gone: sealed values have to be typed as well. */
  lost = $state(false);
  /** Sealed values are put back; null for what is usual. */
  #puts = $state<boolean | null>(null);
  secrets = $derived.by(() => (this.isNew ? [] : secretsOf(this.draft)));
  /** Those that dashcam can put back. */
  sealed = $derived.by(() => this.secrets.filter(({ placeholder }) => placeholder.how === 'sealed'));
  /** Those that have to be typed. */
  missing = $derived.by(() => (this.lost ? this.secrets : this.secrets.filter((one) => !this.sealed.includes(one))));
  /** The host to which it goes now, if that is another one than it went to. */
  otherHost = $derived.by(() => {
    const [recorded, now] = [originOf(this.original.url), originOf(this.draft.url.trim())];
    return this.isNew || now === null || now === recorded ? null : now;
  });
  problems = $derived.by(() => check(this.isNew ? null : this.original, this.draft));
  valid = $derived.by(() => Object.keys(this.problems).length === 0);
  /** Things that a curl command asks for, and that are not done here. */
  notes = $state.raw<readonly string[]>([]);
  readonly #exchange: Exchange | null;
  /** Whether the recorded body can be sent again as it is. */
  readonly #whole: boolean;

  /** `lost`: it was tried already, and values could not be put back. */
  constructor(exchange: Exchange | null, lost: string | null = null) {
    this.#exchange = exchange;
    this.#whole = exchange === null || isWhole(exchange);
    if (exchange === null) this.draft.method = 'GET';
    else this.#begin(exchange, null);
    this.lost = lost !== null;
    this.error = lost;
  }

  /** It is a request that was not recorded before. */
  get isNew(): boolean {
    return this.#exchange === null;
  }

  /** Sealed values are put back: usual, unless they would go to another host. */
  get putsBack(): boolean {
    return this.#puts ?? this.otherHost === null;
  }

  set putsBack(puts: boolean) {
    this.#puts = puts;
  }

  /** Fetches the recorded body, so that it can be edited if it is text. */
  async loadBody(): Promise<void> {
    const exchange = this.#exchange;
    if (exchange === null) {
      this.loading = false;
      return;
    }
    const { id, request_body: body } = exchange;
    this.bodyHint = this.#whole ? '' : texts.bodyNotWhole;
    try {
      if (body.stored === 0) return;
      const answer = await fetchText(id, 'request', LARGEST);
      const editable = answer.text != null && !answer.truncated && answer.note == null;
      if (editable) this.#begin(exchange, answer.text ?? null);
      if (!this.#whole) return;
      if (!editable) this.bodyHint = texts.bodyNoText(size(body.size));
      else if (answer.encoding != null) this.bodyHint = texts.bodyWithoutCoding(answer.encoding);
    } catch (error) {
      this.error = texts.bodyNotRead(messageOf(error));
    } finally {
      this.loading = false;
    }
  }

  /** Has what a curl command would send; answers why it can't be read, if it can't. */
  paste(command: string): string | null {
    const found = fromCurl(command);
    if (found.problem !== undefined) return found.problem;
    this.draft = found.draft;
    this.notes = found.notes;
    return null;
  }

  /** Sends it; answers whether it was sent. */
  async send(
    replay: (edits: Replay) => Promise<void>,
    begin: (request: NewRequest) => Promise<void>,
  ): Promise<boolean> {
    if (!this.valid || this.sending) return false;
    this.sending = true;
    this.error = null;
    try {
      if (this.isNew) {
        await begin(requestOf(this.draft));
        return true;
      }
      const sent = edits(this.original, filled(this.draft, this.typed), this.#whole);
      await replay({ ...sent, ...(this.sealed.length > 0 && !this.putsBack && { unseal: false }) });
      return true;
    } catch (error) {
      this.error = messageOf(error);
      if (isLost(error) && this.secrets.length > 0) this.lost = true;
      return false;
    } finally {
      this.sending = false;
    }
  }

  /** Starts with the recorded request; method, URL and headers that were edited meanwhile stay. */
  #begin(exchange: Exchange, body: string | null): void {
    const before = this.original;
    const fresh = draftOf(exchange, body);
    const untouched = (name: keyof Draft) => this.draft[name] === before[name];
    for (const name of ['method', 'url', 'headers', 'body'] as const) {
      if (untouched(name)) this.draft[name] = fresh[name];
    }
    this.original = fresh;
  }
}

/** Tells if the recorded body can be sent again as it is. */
function isWhole({ request_body: { truncated, complete, stored, stored_as, size: passed } }: Exchange): boolean {
  const isThere = stored_as === 'redacted' || (stored_as === 'sent' && stored === passed);
  return !truncated && complete && isThere;
}
