import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watch, type LiveHandlers } from './live';

/** An EventSource that says what the test lets it. */
class Source extends EventTarget {
  static readonly CLOSED = 2;
  static all: Source[] = [];
  closed = false;

  constructor(readonly url: string) {
    super();
    Source.all.push(this);
  }

  close(): void {
    this.closed = true;
  }

  says(name: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }));
  }
}

function watched(): { source: Source; handlers: LiveHandlers; end: () => void } {
  const names = [
    'exchange',
    'skipped',
    'left',
    'discarded',
    'message',
    'connection',
    'gap',
    'settings',
    'step',
    'missed',
    'state',
    'refused',
  ] as const;
  const handlers = Object.fromEntries(names.map((name) => [name, vi.fn()])) as unknown as LiveHandlers;
  const end = watch('status:5xx', handlers);
  return { source: Source.all[0] as Source, handlers, end };
}

beforeEach(() => {
  Source.all = [];
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', Source);
  vi.stubGlobal('screen', { height: 1080 });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('an exchange that is not kept is told by its number, and is not one that left', () => {
  const { source, handlers } = watched();
  source.says('discarded', { id: 7 });
  expect(handlers.discarded).toHaveBeenCalledExactlyOnceWith(7);
  expect(handlers.left).not.toHaveBeenCalled();
  source.says('left', { id: 8 });
  expect(handlers.left).toHaveBeenCalledExactlyOnceWith(8);
  expect(handlers.discarded).toHaveBeenCalledOnce();
});

test('a step of the budget is told as it is', () => {
  const { source, handlers } = watched();
  const step = { step: 'heads', since: '2026-01-01T00:00:00Z', because: 'too much memory' };
  source.says('step', step);
  expect(handlers.step).toHaveBeenCalledExactlyOnceWith(step);
});

test('a page that was too slow watches again, and nothing more is heard once it ends', async () => {
  const { source, handlers, end } = watched();
  source.says('missed', { ended: true });
  expect([source.closed, vi.mocked(handlers.missed).mock.calls.length]).toEqual([true, 0]);
  await vi.advanceTimersByTimeAsync(1000);
  const again = Source.all[1] as Source;
  expect(again.url).toBe(source.url);
  end();
  expect(again.closed).toBe(true);
});
