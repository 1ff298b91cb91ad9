// Screenshots of the page for the README and docs/, over `dashcam demo`: `cargo xtask screenshots` runs it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browser, end, start } from './processes.mjs';

const BINARY = process.env.DASHCAM_BIN ?? '../../target/debug/dashcam';
const FOLDER = process.env.SCREENSHOTS ?? '../../docs/screenshots';
/** So many exchanges make a list worth looking at. */
const ENOUGH = 150;
const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 390, height: 844 };

mkdirSync(FOLDER, { recursive: true });
const home = mkdtempSync(join(tmpdir(), 'dashcam-screenshots-'));
const chromium = await browser();
const empty = await serve([], join(home, 'empty'));
const demo = await serve(['demo', '--no-open'], join(home, 'demo'));
try {
  await busy(demo);
  for (const theme of ['light', 'dark']) {
    await take(demo, { name: `list-${theme}`, theme });
    await take(demo, {
      name: `detail-${theme}`,
      theme,
      address: '/?filter=path:/v1/orders*&tab=response',
      act: openFirst,
    });
    await take(demo, { name: `dashboard-${theme}`, theme, address: '/?view=dashboard' });
  }
  await take(demo, { name: 'diff-light', theme: 'light', act: compareTwo, address: '/?filter=path:/v1/orders*' });
  await take(demo, { name: 'narrow-light', theme: 'light', size: NARROW });
  await take(empty, { name: 'first-run-light', theme: 'light' });
} finally {
  await chromium.close();
  await end(demo);
  await end(empty);
  rmSync(home, { recursive: true, force: true });
}

/** Starts dashcam in a home of its own; its `page` signs in. */
async function serve(words, folder) {
  const all = [...words, '--home', folder, '-p', '0', '--web-port', '0'];
  const running = await start(BINARY, all, /the page is on (\S+) \(/);
  return { ...running, page: `${running.found[0]}?token=${readFileSync(join(folder, 'token'), 'utf8').trim()}` };
}

/** Waits until there is enough to see. */
async function busy({ page: address }) {
  const context = await chromium.newContext();
  const page = await context.newPage();
  await page.goto(address);
  const enough = async () => {
    const counted = await page.evaluate(async () => (await (await fetch('/api/v1/exchanges/count')).json()).count);
    return counted >= ENOUGH;
  };
  for (const deadline = Date.now() + 120_000; !(await enough());) {
    if (Date.now() > deadline) throw new Error(`the demo has fewer than ${ENOUGH} exchanges after two minutes`);
    await page.waitForTimeout(500);
  }
  await context.close();
}

/** Takes a picture of an address, in a browser that has seen nothing. */
async function take({ page: signIn }, { name, theme, size = WIDE, address = '/', act }) {
  const context = await chromium.newContext({ viewport: size, colorScheme: theme, locale: 'en-GB', timezoneId: 'UTC' });
  const page = await context.newPage();
  await page.goto(signIn);
  if (address !== '/') await page.goto(new URL(address, signIn).href);
  await page.getByTestId('live-state').first().waitFor({ state: 'attached' });
  await act?.(page);
  await page.waitForLoadState('networkidle', { timeout: 3000 }).catch(() => undefined);
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
  await context.close();
}

async function openFirst(page) {
  await page.getByTestId('row').first().click();
  await page.getByTestId('detail').waitFor();
}

/** Compares the two newest exchanges of the list. */
async function compareTwo(page) {
  const rows = page.getByTestId('row');
  const [a, b] = [await rows.nth(0).getAttribute('data-id'), await rows.nth(1).getAttribute('data-id')];
  await page.goto(new URL(`/?view=compare&exchange=${b}&with=${a}`, page.url()).href);
  await page.getByTestId('compare').waitFor();
}
