// The filter's field while a thousand exchanges happen each second.
import { expect, test } from './page';

const SECONDS = 4;

/** How long it took from each key to the next frame, in milliseconds. */
interface Typing {
  waits: number[];
}

test('the field stays quick at a thousand exchanges a second', async ({ open, mock }) => {
  const page = await open();
  await page.evaluate(() => {
    const typing: Typing = { waits: [] };
    Object.assign(window, { typing });
    document.getElementById('filter')?.addEventListener('keydown', ({ timeStamp }) => {
      requestAnimationFrame(() => setTimeout(() => typing.waits.push(performance.now() - timeStamp)));
    });
  });
  const before = mock.api.last;
  const timer = setInterval(() => {
    for (let n = 0; n < 20; n++) mock.api.traffic();
  }, 20);
  const field = page.getByTestId('filter');
  const end = Date.now() + SECONDS * 1000;
  try {
    while (Date.now() < end) {
      await field.pressSequentially('e', { delay: 60 });
      await field.pressSequentially('x host:a', { delay: 60 });
      await field.fill('');
    }
  } finally {
    clearInterval(timer);
  }
  const waits = await page.evaluate(() => Reflect.get(window, 'typing') as Typing).then(({ waits }) => waits);
  waits.sort((a, b) => a - b);
  const at = (share: number) => Math.round(waits[Math.floor(waits.length * share)] ?? Infinity);
  const rate = (mock.api.last - before) / SECONDS;
  console.log(`${waits.length} keys at ${Math.round(rate)} exchanges/s: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`);
  expect(waits.length).toBeGreaterThan(20);
  // A frame is 17 ms; a loaded machine takes some more.
  expect(at(0.5)).toBeLessThan(100);
});
