// How quick the page is over a million exchanges, beside mitmweb with as many flows as it bears, in the same Chromium.
//
// `cargo xtask bench --only page` builds what it needs and runs it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lighthouse } from './lighthouse.mjs';
import { firstRows, frames, median, memory, noteFirstRow, scripts, until } from './measures.mjs';
import { browser, cpu, dashcam, end, fill, load, mitmweb } from './processes.mjs';
import { largeJson } from './large_json.mjs';

const PARTS = ['rows', 'thumb', 'filter', 'scripts', 'json', 'live', 'cost', 'memory', 'lighthouse', 'mitmweb'];

const { values: options } = parseArgs({
  options: {
    exchanges: { type: 'string', default: '1000000' },
    flows: { type: 'string', default: '50000' },
    rounds: { type: 'string', default: '9' },
    /** Exchanges that pass while memory is measured: an hour at 500 a second. */
    passed: { type: 'string', default: '1800000' },
    only: { type: 'string', default: PARTS.join(',') },
    /** A home that was filled before, which is kept. */
    home: { type: 'string' },
  },
});
const wanted = new Set(options.only.split(','));
const rounds = Number(options.rounds);
const table = [];
const tell = (figure, measured, goal) => {
  table.push([figure, measured, goal]);
  console.error(`${figure}: ${measured} (${goal})`);
};
const ms = (number) => `${number.toFixed(0)} ms`;
const mb = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
const ROW = '[data-testid="row"]';

const folder = mkdtempSync(join(tmpdir(), 'dashcam-page-bench-'));
const home = options.home ?? join(folder, 'home');
if (options.home === undefined) fill(home, Number(options.exchanges));
const running = await dashcam(home);
const chromium = await browser();
try {
  await measure();
} finally {
  await chromium.close();
  await end(running);
  rmSync(folder, { recursive: true, force: true });
}
print();

async function measure() {
  const context = await chromium.newContext({ viewport: { width: 1440, height: 900 } });
  if (wanted.has('scripts')) await measureScripts(context);
  await noteFirstRow(context, ROW);
  const page = await context.newPage();
  await page.goto(running.page);
  await page.waitForSelector(ROW);
  if (wanted.has('rows')) {
    tell(
      'first rows after navigation',
      ms(await repeated(() => firstRows(page, running.origin, ROW))),
      '300, aim 150 ms',
    );
  }
  if (wanted.has('thumb')) await measureThumb(page);
  if (wanted.has('filter')) await measureFilter(page);
  if (wanted.has('json')) await largeJson({ page, running, tell, ms });
  if (wanted.has('live')) await measureLive(page);
  if (wanted.has('cost')) await measureCost(page);
  if (wanted.has('memory')) await measureMemory(page);
  await page.close();
  if (wanted.has('lighthouse')) await lighthouse(chromium, running, tell);
  if (wanted.has('mitmweb')) await measureMitmweb();
}

/** The median of so many rounds. */
async function repeated(act) {
  const all = [];
  for (let round = 0; round < rounds; round += 1) all.push(await act(round));
  return median(all);
}

async function measureScripts(context) {
  const { first, bytes, count } = await scripts(context, running.page, '[data-testid="histogram"] b');
  const kb = (size) => `${(size / 1000).toFixed(1)} KB`;
  const measured = `${kb(first)}; ${kb(bytes)} in ${count} files with what is fetched ahead`;
  tell('first load, compressed JavaScript', measured, '120, aim 90 KB');
}

/** The thumb is taken to a place and rows are awaited that were not there. */
async function measureThumb(page) {
  const places = [0.5, 0.9, 0.1, 0.7, 0.3, 0.99, 0.02, 0.6, 0.4];
  const took = await repeated((round) =>
    until(
      page,
      (share) => {
        const track = document.querySelector('[data-testid="place-bar"]');
        const { left, width, top, height } = track.getBoundingClientRect();
        window.before = new Set([...document.querySelectorAll('[data-testid="row"]')].map(({ dataset }) => dataset.id));
        const at = { clientX: left + width / 2, clientY: top + height * share, bubbles: true, button: 0, pointerId: 1 };
        track.setPointerCapture = () => undefined;
        for (const type of ['pointerdown', 'pointerup']) track.dispatchEvent(new PointerEvent(type, at));
      },
      () => {
        const { left, top, bottom } = document.querySelector('.scroller').getBoundingClientRect();
        const [high, low] = [top + 60, bottom - 40].map((y) =>
          document.elementFromPoint(left + 100, y)?.closest('[data-testid="row"]'),
        );
        return high != null && low != null && !window.before.has(high.dataset.id);
      },
      places[round % places.length],
    ),
  );
  tell('thumb anywhere, until rows are there', ms(took), '100, aim 50 ms');
}

/** A filter is typed; the time is from its last letter. */
async function measureFilter(page) {
  const filters = ['status:500', 'host:pay', 'method:POST', 'path:/v1/orders', 'status:404', 'host:shop', 'type:json'];
  const took = await repeated(async (round) => {
    await page.goto(running.origin);
    await page.waitForSelector(ROW);
    await page.focus('#filter');
    const text = filters[round % filters.length];
    await page.evaluate(() => {
      const shown = () => [...document.querySelectorAll('[data-testid="row"]')].map(({ dataset }) => dataset.id).join();
      const before = shown();
      addEventListener('input', () => (window.typed = performance.now()), true);
      const look = () => {
        const now = shown();
        if (now !== '' && now !== before) window.filtered ??= performance.now();
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    await page.keyboard.type(text);
    await page.waitForFunction(() => window.filtered !== undefined, null, { timeout: 20_000 });
    // Where a shorter text has matched other rows already, those count.
    return page.evaluate(() => Math.max(0, window.filtered - window.typed));
  });
  tell('filter typed, until its first rows', ms(took), '200, aim 100 ms');
}

async function measureLive(page) {
  await page.goto(running.origin);
  await page.waitForSelector(ROW);
  for (const [rate, goal] of [
    [2000, '50, aim 60'],
    [5000, '30, aim 50'],
  ]) {
    const loading = load(running.proxy, rate, 14);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const { fps, longest } = await frames(page, 8);
    const { rate: reached } = await loading;
    const measured = `${fps.toFixed(0)} frames/s, longest ${longest.toFixed(0)} ms; ${reached.toFixed(0)}/s passed`;
    tell(`live at ${rate}/s`, measured, `${goal} frames/s`);
  }
}

/** Traffic with the page open on live, and closed, in turn. */
async function measureCost(page) {
  const rate = 2000;
  const measured = { open: [], closed: [] };
  for (let round = 0; round < Math.max(3, Math.ceil(rounds / 3)); round += 1) {
    for (const state of ['closed', 'open']) {
      await page.goto(state === 'open' ? running.origin : 'about:blank');
      // The page is there as a whole: its histogram has counted all.
      if (state === 'open') await page.waitForSelector('[data-testid="histogram"] b');
      const before = cpu(running);
      const { p99_us: p99, rate: reached } = await load(running.proxy, rate, 8);
      measured[state].push({ p99, cpu: ((cpu(running) - before) * 1e6) / (reached * 8) });
    }
  }
  const ratio = (key) =>
    median(measured.open.map((one) => one[key])) / median(measured.closed.map((one) => one[key])) - 1;
  const percent = (share) => `${share > 0 ? '+' : ''}${(share * 100).toFixed(1)} %`;
  const figures = `p99 ${percent(ratio('p99'))}, processor ${percent(ratio('cpu'))}`;
  tell(`a page open on live, at ${rate}/s`, figures, 'at most +5 %, aim 0');
}

/** Memory after as many exchanges as an hour at 500 a second has. */
async function measureMemory(page) {
  await page.goto(running.origin);
  await page.waitForSelector(ROW);
  const rate = 4000;
  const { rate: reached } = await load(running.proxy, rate, Math.ceil(Number(options.passed) / rate));
  const { heap, process } = await memory(chromium, page);
  const passed = Math.round(reached * Math.ceil(Number(options.passed) / rate));
  tell(`memory after ${passed} live exchanges`, `${mb(heap)} of objects, ${mb(process)} in all`, '150, aim 100 MB');
}

async function measureMitmweb() {
  const peer = await mitmweb(folder, Number(options.flows));
  if (peer === null) return tell('mitmweb', 'not measured: there is no Python 3.10 or newer', '–');
  const context = await chromium.newContext({ viewport: { width: 1440, height: 900 } });
  const row = '.flow-table tbody tr:not(:first-child)';
  await noteFirstRow(context, row);
  const page = await context.newPage();
  page.setDefaultTimeout(180_000);
  try {
    await page.goto(peer.page);
    await page.waitForSelector(row);
    const took = await repeated(() => firstRows(page, peer.origin, row));
    tell(`mitmweb ${peer.version} with ${options.flows} flows: first rows`, ms(took), '–');
    const { heap, process } = await memory(chromium, page);
    tell('mitmweb: memory of its tab', `${mb(heap)} of objects, ${mb(process)} in all`, '–');
  } finally {
    await context.close();
    await end(peer);
  }
}

function print() {
  console.log('\n| | measured | must |\n|---|---|---|');
  for (const line of table) console.log(`| ${line.join(' | ')} |`);
}
