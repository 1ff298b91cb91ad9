import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Figure } from './figure.svelte';

const page = { hidden: false, heard: new Set<() => void>() };

beforeEach(() => {
  vi.useFakeTimers();
  page.hidden = false;
  vi.stubGlobal('document', {
    get hidden() {
      return page.hidden;
    },
    addEventListener: (_: string, hear: () => void) => page.heard.add(hear),
    removeEventListener: (_: string, hear: () => void) => page.heard.delete(hear),
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('news are one more question, after a while', async () => {
  let asked = 0;
  const figure = new Figure((filter) => Promise.resolve(`${filter} ${++asked}`));
  const stop = figure.follow('a');
  await vi.advanceTimersByTimeAsync(0);
  expect([figure.answer, figure.filter, figure.loading]).toEqual(['a 1', 'a', false]);
  for (let n = 0; n < 10; n++) figure.hint();
  await vi.advanceTimersByTimeAsync(1900);
  expect(asked).toBe(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(figure.answer).toBe('a 2');
  figure.hint();
  stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect([asked, page.heard.size]).toEqual([2, 0]);
});

test('nobody is asked while nobody looks, and what is under way ends', async () => {
  const signals: AbortSignal[] = [];
  const figure = new Figure<string>((_, signal) => {
    signals.push(signal);
    return new Promise(() => undefined);
  });
  figure.follow('a');
  page.hidden = true;
  page.heard.forEach((hear) => hear());
  expect([signals[0]?.aborted, figure.loading]).toEqual([true, false]);
  figure.hint();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(signals.length).toBe(1);
  page.hidden = false;
  page.heard.forEach((hear) => hear());
  expect(signals.length).toBe(2);
});

test('an error is said, and the answer before it stays', async () => {
  let fails = false;
  const figure = new Figure(() => (fails ? Promise.reject(new Error('gone')) : Promise.resolve(1)));
  figure.follow('');
  await vi.advanceTimersByTimeAsync(0);
  fails = true;
  await figure.refetch();
  expect(figure.answer).toBe(1);
  expect(figure.error).not.toBeNull();
});
