// A request that is sent several times: one after the other, or several at once.
import { fetchExchange, replayExchange } from '../../api/calls';
import { ApiError, messageOf } from '../../api/error';
import type { Exchange, Replay } from '../../api/types';
import { figuresOf, withHost, type Sent } from './repeat';

export const MOST_TIMES = 1000;
/** As many replays as dashcam has under way at most. */
export const MOST_AT_ONCE = 16;

/** How long to wait before asking again: for an outcome, and while dashcam has no room for another replay. */
const FIRST_WAIT_MS = 60;
const LONGEST_WAIT_MS = 1000;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const within = (value: number, most: number) => Math.min(most, Math.max(1, Math.floor(value) || 1));

export class Repetition {
  times = $state(10);
  atOnce = $state(1);
  host = $state('');
  running = $state(false);
  sent = $state.raw<readonly Sent[]>([]);
  figures = $derived.by(() => figuresOf(this.sent));
  url = $derived.by(() => withHost(this.#exchange.url, this.host));
  #stopped = false;
  readonly #closing = new AbortController();
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** Sends them all, unless it is stopped. */
  async start(): Promise<void> {
    if (this.running || this.url === null) return;
    const edits: Replay | undefined = this.url === this.#exchange.url ? undefined : { url: this.url };
    this.running = true;
    this.#stopped = false;
    const times = within(this.times, MOST_TIMES);
    this.sent = Array.from({ length: times }, (_, at) => ({
      number: at + 1,
      outcome: 'waiting',
      id: null,
      status: null,
      duration: null,
      size: null,
      error: null,
    }));
    let next = 0;
    const work = async () => {
      while (next < times && !this.#stopped) await this.#send(next++, edits);
    };
    await Promise.all(Array.from({ length: within(this.atOnce, MOST_AT_ONCE) }, work));
    if (this.#stopped) {
      this.sent = this.sent.map((one) => (one.outcome === 'waiting' ? { ...one, outcome: 'left_out' } : one));
    }
    this.running = false;
  }

  /** Sends no more. Those that are under way go on. */
  stop(): void {
    this.#stopped = true;
  }

  /** Sends no more, and asks no more for what became of those that are under way. */
  close(): void {
    this.stop();
    this.#closing.abort();
  }

  async #send(at: number, edits: Replay | undefined): Promise<void> {
    this.#set(at, { outcome: 'sending' });
    try {
      const id = await this.#begin(edits);
      if (id === null) return this.#set(at, { outcome: 'left_out' });
      this.#set(at, { id });
      const exchange = await ended(id, this.#closing.signal);
      const { status, duration_us, response_size, failure } = exchange;
      this.#set(at, {
        outcome: exchange.state === 'complete' ? 'done' : 'failed',
        status: status ?? null,
        duration: duration_us ?? null,
        size: response_size,
        error: failure?.message ?? (exchange.state === 'complete' ? null : exchange.state),
      });
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      this.#set(at, { outcome: 'failed', error: messageOf(error) });
      // The next would fail for the same reason.
      if (error instanceof ApiError && error.status !== 503) this.#stopped = true;
    }
  }

  /** Begins a replay once dashcam has room for it; null if it was stopped before. */
  async #begin(edits: Replay | undefined): Promise<number | null> {
    for (let ms = FIRST_WAIT_MS; !this.#stopped; ms = Math.min(LONGEST_WAIT_MS, ms * 2)) {
      try {
        return (await replayExchange(this.#exchange.id, edits)).id;
      } catch (error) {
        if (!(error instanceof ApiError && error.status === 429)) throw error;
        await wait(ms);
      }
    }
    return null;
  }

  #set(at: number, change: Partial<Sent>): void {
    this.sent = this.sent.map((one, index) => (index === at ? { ...one, ...change } : one));
  }
}

/** An exchange once it has ended. Throws once nobody waits for it any more. */
async function ended(id: number, signal: AbortSignal): Promise<Exchange> {
  for (let ms = FIRST_WAIT_MS; ; ms = Math.min(LONGEST_WAIT_MS, ms * 1.5)) {
    const exchange = await fetchExchange(id, signal);
    if (exchange.state !== 'open') return exchange;
    await wait(ms);
    signal.throwIfAborted();
  }
}
