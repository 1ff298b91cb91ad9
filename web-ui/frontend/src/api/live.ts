// The live stream: server-sent events that come back by themselves after the connection broke.
import { link } from './links';
import { rowsOnScreen } from './screen';
import type {
  Connection,
  Gap,
  Left,
  LiveMessage,
  Message,
  Missed,
  Settings,
  Skipped,
  StepInForce,
  Summary,
} from './types';

/** What a watcher is told. */
export interface LiveHandlers {
  /** An exchange started, got its response's head, or finished. */
  exchange: (summary: Summary) => void;
  /** One that came before does not match any more. */
  left: (id: number) => void;
  /** So much passes that nothing was told of some, all of them older than the newest ones. */
  skipped: (skipped: Skipped) => void;
  /** One that began is not kept by the rules. */
  discarded: (id: number) => void;
  message: (exchange: number, message: Message) => void;
  connection: (connection: Connection) => void;
  gap: (gap: Gap) => void;
  settings: (settings: Settings) => void;
  /** The budget has stepped down, or up again. */
  step: (step: StepInForce) => void;
  /** Something may have been missed (also: the stream has just been opened): fetch again. */
  missed: () => void;
  state: (state: LiveState) => void;
  /** The stream was refused; the reason has to be asked for with an ordinary call. */
  refused: () => void;
}

export type LiveState = 'connecting' | 'live' | 'reconnecting';

/** How often news come at most. */
const PACE_MS = 200;
const RETRY_MS = 2000;
/** How long a page that could not keep up rests before it watches again. */
const SLOW_MS = 1000;

/** Watches exchanges that match `filter` until the returned function is called. */
export function watch(filter: string, handlers: LiveHandlers): () => void {
  let source: EventSource | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    source = new EventSource(link.live(filter, PACE_MS, rowsOnScreen()));
    source.onopen = () => {
      handlers.state('live');
      handlers.missed();
    };
    source.onerror = () => {
      handlers.state('reconnecting');
      // CLOSED means refused, not broken: the browser won't try again by itself.
      if (source?.readyState !== EventSource.CLOSED) return;
      handlers.refused();
      retry = setTimeout(open, RETRY_MS);
    };
    listen(source, handlers, () => {
      // This page was too slow for what happens. Once the stream is there again, everything is fetched.
      source?.close();
      handlers.state('reconnecting');
      retry = setTimeout(open, SLOW_MS);
    });
  };
  handlers.state('connecting');
  open();
  return () => {
    clearTimeout(retry);
    source?.close();
  };
}

function listen(source: EventSource, handlers: LiveHandlers, cutOff: () => void): void {
  // The shapes are the schema's; which event carries which stands in the contract only.
  const on = <T>(name: string, handle: (data: T) => void) => {
    source.addEventListener(name, (event: MessageEvent<string>) => handle(JSON.parse(event.data) as T));
  };
  for (const name of ['started', 'responded', 'finished']) on<Summary>(name, handlers.exchange);
  on<Skipped>('skipped', handlers.skipped);
  on<Left>('left', ({ id }) => handlers.left(id));
  on<Left>('discarded', ({ id }) => handlers.discarded(id));
  on<LiveMessage>('message', (data) => handlers.message(data.exchange, data.message));
  on<Connection>('connection', handlers.connection);
  on<Gap>('gap', handlers.gap);
  on<Settings>('settings', handlers.settings);
  on<StepInForce>('step', handlers.step);
  on<Missed>('missed', ({ ended }) => (ended ? cutOff() : handlers.missed()));
}
