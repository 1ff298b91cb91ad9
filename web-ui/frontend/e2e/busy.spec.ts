// The filter's field while a thousand exchanges happen each second.
import type { Page } from '@playwright/test';
import { expect, test } from './page';

const SECONDS = 4;

/** How long it took from each key to the next frame, in milliseconds. */
interface Typing {
  waits: number[];
}

/** Types for a while; returns how long the page took for each key, the shortest first. */
async function type(page: Page): Promise<number[]> {
  await page.evaluate(() => Object.assign(window, { typing: { waits: [] } satisfies Typing }));
  const field = page.getByTestId('filter');
  const end = Date.now() + SECONDS * 1000;
  while (Date.now() < end) {
    await field.pressSequentially('e', { delay: 60 });
    await field.pressSequentially('x host:a', { delay: 60 });
    await field.fill('');
  }
  const { waits } = await page.evaluate(() => Reflect.get(window, 'typing') as Typing);
  return waits.sort((a, b) => a - b);
}

test('the field stays quick at a thousand exchanges a second', async ({ open, mock }) => {
  const page = await open();
  await page.evaluate(() => {
    document.getElementById('filter')?.addEventListener('keydown', ({ timeStamp }) => {
      const { waits } = Reflect.get(window, 'typing') as Typing;
      requestAnimationFrame(() => setTimeout(() => waits.push(performance.now() - timeStamp)));
    });
  });
  const quiet = await type(page);
  const before = mock.api.last;
  const timer = setInterval(() => {
    for (let n = 0; n < 20; n++) mock.api.traffic();
  }, 20);
  let busy: number[];
  try {
    busy = await type(page);
  } finally {
    clearInterval(timer);
  }
  const at = (waits: number[], share: number) => Math.round(waits[Math.floor(waits.length * share)] ?? Infinity);
  const told = (waits: number[]) => `p50 ${at(waits, 0.5)} ms, p95 ${at(waits, 0.95)} ms of ${waits.length} keys`;
  const rate = (mock.api.last - before) / SECONDS;
  console.log(`at ${Math.round(rate)} exchanges/s ${told(busy)}; without traffic ${told(quiet)}`);
  expect(Math.min(quiet.length, busy.length)).toBeGreaterThan(8);
  // Both on the same machine, whatever else that does. A frame is 17 ms.
  expect(at(busy, 0.5)).toBeLessThan(2 * at(quiet, 0.5) + 50);
});
