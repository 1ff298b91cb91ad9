// Measurements in a browser's page, each a function of the page.
import { readFileSync } from 'node:fs';

/** The middle of `numbers`. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** Milliseconds from the beginning of a navigation until a row of the list is painted. */
export async function firstRows(page, address, row) {
  await page.goto(address);
  await page.waitForSelector(row);
  return page.evaluate(() => window.firstRow);
}

/** Notes in each new document when the first `row` was there, and painted. */
export async function noteFirstRow(context, row) {
  await context.addInitScript((selector) => {
    const observer = new MutationObserver(() => {
      if (document.querySelector(selector) === null) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => (window.firstRow = performance.now())));
    });
    observer.observe(document, { childList: true, subtree: true });
  }, row);
}

/** Milliseconds from `act` in the page until `done` says so in a frame; both are functions of the page. */
export async function until(page, act, done, value) {
  const measured = page.evaluate(
    ([act, done, value]) =>
      new Promise((resolve, reject) => {
        const [doing, seen] = [act, done].map((text) => new Function('value', `return (${text})(value)`));
        const before = performance.now();
        const look = () => {
          if (seen(value)) resolve(performance.now() - before);
          else if (performance.now() - before > 20_000) reject(new Error('nothing came in 20 s'));
          else requestAnimationFrame(look);
        };
        doing(value);
        requestAnimationFrame(look);
      }),
    [act.toString(), done.toString(), value],
  );
  return measured;
}

/** Frames a second for so long, and the longest pause between two in milliseconds. */
export async function frames(page, seconds) {
  return page.evaluate(
    (time) =>
      new Promise((resolve) => {
        const [began, stamps] = [performance.now(), []];
        const frame = (at) => {
          stamps.push(at);
          if (performance.now() - began < time * 1000) return requestAnimationFrame(frame);
          const pauses = stamps.slice(1).map((stamp, index) => stamp - stamps[index]);
          resolve({ fps: stamps.length / time, longest: Math.max(...pauses) });
        };
        requestAnimationFrame(frame);
      }),
    seconds,
  );
}

/** Bytes of the page's JavaScript objects, and of its process, after a collection of garbage. */
export async function memory(browser, page) {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  const whole = await browser.newBrowserCDPSession();
  const { processInfo } = await whole.send('SystemInfo.getProcessInfo');
  const sizes = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => proportional(id));
  return { heap: usedSize, process: Math.max(...sizes) };
}

/** Memory of a process as the kernel shares it out. */
function proportional(id) {
  const [, kilobytes = '0'] = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/**
 * Bytes of the first script, which the first row needs, and of all with those that are fetched ahead, as they are sent
 * compressed, and the number of all.
 */
export async function scripts(context, address, row) {
  const page = await context.newPage();
  const sizes = [];
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') sizes.push(response.request().sizes());
  });
  await page.goto(address);
  await page.waitForSelector(row);
  const all = (await Promise.all(sizes)).map(({ responseBodySize }) => responseBodySize);
  await page.close();
  return { first: all[0] ?? NaN, bytes: all.reduce((sum, size) => sum + size, 0), count: all.length };
}
