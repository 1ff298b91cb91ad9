import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as calls from '../api/calls';
import { Completion } from './completion.svelte';

vi.mock('../api/calls');
beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.resetAllMocks();
  vi.useRealTimers();
});

type Answer = Awaited<ReturnType<typeof calls.completeFilter>>;

const answer = (from: number, to: number, ...texts: string[]): Answer => ({
  from,
  to,
  offers: texts.map((text) => ({ text, meaning: text.endsWith(':') ? 'a field' : '' })),
});
const texts = (completion: Completion) => completion.offers.map(({ text }) => text);
const asked = () => vi.mocked(calls.completeFilter).mock.calls.map(([text, at]) => [text, at]);

/** A completion that has the answer to `text`. */
async function answered(text: string, got: Answer, isAsked = false) {
  vi.mocked(calls.completeFilter).mockResolvedValueOnce(got);
  const completion = new Completion();
  completion.ask(text, Array.from(text).length, isAsked);
  await vi.advanceTimersByTimeAsync(100);
  return completion;
}

test('dashcam is asked once typing pauses', async () => {
  vi.mocked(calls.completeFilter).mockResolvedValue(answer(0, 3, 'host:'));
  const completion = new Completion();
  for (const text of ['h', 'ho', 'hos']) completion.ask(text, text.length);
  expect(asked()).toEqual([]);
  await vi.advanceTimersByTimeAsync(100);
  expect([asked(), texts(completion)]).toEqual([[['hos', 3]], ['host:']]);
});

test('an answer that comes late is dropped', async () => {
  const completion = new Completion();
  let late: (answer: Answer) => void = () => undefined;
  vi.mocked(calls.completeFilter).mockReturnValueOnce(new Promise((resolve) => (late = resolve)));
  completion.ask('h', 1);
  await vi.advanceTimersByTimeAsync(100);
  vi.mocked(calls.completeFilter).mockResolvedValueOnce(answer(0, 1, 'status:'));
  completion.ask('s', 1);
  await vi.advanceTimersByTimeAsync(100);
  late(answer(0, 1, 'host:'));
  await vi.advanceTimersByTimeAsync(1);
  expect(texts(completion)).toEqual(['status:']);
});

test('until the answer comes, those that still fit stay', async () => {
  const completion = await answered('host:a', answer(5, 6, 'api.test', 'app.test', 'b'));
  vi.mocked(calls.completeFilter).mockReturnValue(new Promise(() => undefined));
  completion.ask('host:AP', 7);
  expect([texts(completion), completion.from, completion.to]).toEqual([['api.test', 'app.test'], 5, 7]);
  completion.ask('host:api', 8);
  expect(texts(completion)).toEqual(['api.test']);
});

test.each([
  ['what is before it', 'port:ap', 7],
  ['what is behind it', 'host:a x', 6],
  ['the place', 'host:a', 2],
  ['less of it', 'host:', 5],
])('none stay when something else changes: %s', async (_, text, at) => {
  const completion = await answered('host:a', answer(5, 6, 'api.test'));
  vi.mocked(calls.completeFilter).mockReturnValue(new Promise(() => undefined));
  completion.ask(text, at);
  expect(texts(completion)).toEqual([]);
});

test('all names are offered only to those who ask', async () => {
  expect(texts(await answered('a ', answer(2, 2, 'host:', 'path:')))).toEqual([]);
  expect(texts(await answered('a ', answer(2, 2, 'host:', 'path:'), true))).toEqual(['host:', 'path:']);
  expect(texts(await answered('host:', answer(5, 5, 'a.test')))).toEqual(['a.test']);
});

test('what is typed already is not offered', async () => {
  expect(texts(await answered('is:ws', answer(3, 5, 'ws')))).toEqual([]);
});

test('characters count, whatever they are made of', async () => {
  const completion = await answered('💥 ho', answer(2, 4, 'host:'));
  vi.mocked(calls.completeFilter).mockReturnValue(new Promise(() => undefined));
  completion.ask('💥 hos', 5);
  expect([texts(completion), completion.to]).toEqual([['host:'], 5]);
});

test('a call that fails offers nothing', async () => {
  vi.mocked(calls.completeFilter).mockRejectedValueOnce(new Error('gone'));
  const completion = new Completion();
  completion.ask('h', 1);
  await vi.advanceTimersByTimeAsync(100);
  expect(texts(completion)).toEqual([]);
});
