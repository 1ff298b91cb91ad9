// The form of "Edit & replay".
import { fetchText } from '../../api/calls';
import { messageOf } from '../../api/error';
import type { Exchange, Replay } from '../../api/types';
import { size } from '../../format/size';
import { check, draftOf, edits, type Draft } from './edit';

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
  problems = $derived.by(() => check(this.original, this.draft));
  valid = $derived.by(() => Object.keys(this.problems).length === 0);
  readonly #exchange: Exchange;
  /** Whether the recorded body can be sent again as it is. */
  readonly #whole: boolean;

  constructor(exchange: Exchange) {
    const { truncated, complete, stored, size: passed } = exchange.request_body;
    this.#exchange = exchange;
    this.#whole = !truncated && complete && stored === passed;
    this.#begin(null);
  }

  /** Fetches the recorded body, so that it can be edited if it is text. */
  async loadBody(): Promise<void> {
    const { id, request_body: body } = this.#exchange;
    this.bodyHint = this.#whole ? '' : 'the recorded body is not whole: what stands here is sent in its place';
    try {
      if (body.stored === 0) return;
      const answer = await fetchText(id, 'request', LARGEST);
      const editable = answer.text != null && !answer.truncated && answer.note == null;
      if (editable) this.#begin(answer.text ?? null);
      if (!this.#whole) return;
      if (!editable)
        this.bodyHint = `${size(body.size)} that can’t be edited as text: sent as recorded, unless you write another here`;
      else if (answer.encoding != null)
        this.bodyHint = `shown without its coding (${answer.encoding}); if you change it, it is sent without`;
    } catch (error) {
      this.error = `The recorded body could not be read: ${messageOf(error)}`;
    } finally {
      this.loading = false;
    }
  }

  /** Sends it; answers whether it was sent. */
  async send(replay: (edits: Replay) => Promise<void>): Promise<boolean> {
    if (!this.valid || this.sending) return false;
    this.sending = true;
    this.error = null;
    try {
      await replay(edits(this.original, this.draft, this.#whole));
      return true;
    } catch (error) {
      this.error = messageOf(error);
      return false;
    } finally {
      this.sending = false;
    }
  }

  /** Starts with the recorded request; method, URL and headers that were edited meanwhile stay. */
  #begin(body: string | null): void {
    const before = this.original;
    const fresh = draftOf(this.#exchange, body);
    const untouched = (name: keyof Draft) => this.draft[name] === before[name];
    for (const name of ['method', 'url', 'headers', 'body'] as const) {
      if (untouched(name)) this.draft[name] = fresh[name];
    }
    this.original = fresh;
  }
}
