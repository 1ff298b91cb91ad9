import type { Page } from '@playwright/test';
import { expect, pane, row, test } from './page';

/** Elements that stand beyond the window's sides; the tabs scroll in their bar. */
const beyond = (page: Page) =>
  page.evaluate(() => {
    const outside = [...document.querySelectorAll('body *')].filter((element) => {
      const { left, right, width } = element.getBoundingClientRect();
      return width > 0 && element.closest('[role="tablist"]') === null && (left < -1 || right > window.innerWidth + 1);
    });
    return outside.map((element) => `${element.tagName} ${element.textContent.trim().slice(0, 40)}`);
  });

for (const width of [1024, 390, 360]) {
  test(`at ${width} px every view fits, and the filter is there`, async ({ open, page: window }) => {
    await window.setViewportSize({ width, height: 800 });
    const page = await open('/');
    const took = row(page, 1499).getByRole('gridcell', { name: '82.4 ms' });
    const [cell, list] = [await took.boundingBox(), await page.getByRole('grid').boundingBox()];
    expect((cell?.x ?? Infinity) + (cell?.width ?? 0)).toBeLessThanOrEqual((list?.x ?? 0) + (list?.width ?? 0));
    await row(page, 1499).click();
    await expect(pane(page, 1499)).toBeVisible();
    // Where both have no room, the open exchange is a page of its own.
    await expect(row(page, 1499)).toBeVisible({ visible: width > 600 });
    expect(await beyond(page)).toEqual([]);
    for (const open of ['values', 'filter-help', 'presets']) {
      await page.getByTestId(open).click();
      // Its code comes first: Escape would come before it.
      if (open === 'presets') await page.getByRole('dialog').waitFor();
      expect(await beyond(page)).toEqual([]);
      await page.keyboard.press('Escape');
    }
    await page.getByTestId('filter').pressSequentially('ho');
    await expect(page.getByTestId('choice')).toHaveCount(1);
    expect(await beyond(page)).toEqual([]);
    await page.getByTestId('filter').fill('orders');
    await expect(row(page, 1499)).toHaveCount(0);
    for (const view of ['dashboard', 'connections', 'gaps', 'rules', 'snapshots', 'boundaries']) {
      await page.getByTestId(`tab-${view}`).click();
      await expect(page.getByTestId(`tab-${view}`)).toHaveAttribute('aria-selected', 'true');
      expect(await beyond(page)).toEqual([]);
    }

    // Redaction.
    await page.getByTestId('redaction').click();
    await expect(page.getByTestId('redaction-set').first()).toBeVisible();
    expect(await beyond(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.goto(new URL('/?exchange=1490&tab=request', page.url()).href);
    await page.getByTestId('body-text').getByTestId('chip').first().click();
    await expect(page.getByTestId('chip-menu')).toBeVisible();
    expect(await beyond(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByTestId('redact-body').click();
    await page.getByTestId('redact-from-now-on').check();
    expect(await beyond(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByTestId('edit-replay').click();
    await expect(page.getByTestId('secret').first()).toBeVisible();
    expect(await beyond(page)).toEqual([]);
    await page.keyboard.press('Escape');

    // Dialogs, and leases.
    await page.getByTestId('tab-rules').click();
    await page.getByTestId('edit-rule').first().click();
    await expect(page.getByTestId('rule-dialog')).toBeVisible();
    expect(await beyond(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByTestId('recording-control').click();
    await expect(page.getByTestId('recording-dialog')).toBeVisible();
    expect(await beyond(page)).toEqual([]);
    await page.getByTestId('lease-size').fill('500MB');
    await page.getByTestId('begin-lease').click();
    await expect(page.getByTestId('leases').getByTestId('lease')).toBeVisible();
    expect(await beyond(page)).toEqual([]);
  });
}

/** 720 × 450 at two device pixels is 1440 × 900 at a zoom of 200 %. */
const SIZES = [
  { width: 360, height: 740, deviceScaleFactor: 1 },
  { width: 390, height: 844, deviceScaleFactor: 1 },
  { width: 720, height: 450, deviceScaleFactor: 2 },
  { width: 768, height: 1024, deviceScaleFactor: 1 },
  { width: 1024, height: 768, deviceScaleFactor: 1 },
  { width: 1440, height: 900, deviceScaleFactor: 1 },
  { width: 3840, height: 2160, deviceScaleFactor: 1 },
];

for (const { deviceScaleFactor, ...viewport } of SIZES) {
  test.describe(`${viewport.width} × ${viewport.height} at ${deviceScaleFactor}`, () => {
    test.use({ viewport, deviceScaleFactor });

    test('each bar is one line, in which nothing is cut or covers another', async ({ open }) => {
      const page = await open('/');
      await expect(page.getByTestId('redaction')).toBeVisible();
      await page.getByTestId('live-state').filter({ hasText: 'live' }).waitFor();
      expect(await barFaults(page)).toEqual([]);
      expect(await beyond(page)).toEqual([]);
      const last = page.getByTestId('tab-audit');
      await last.click();
      await expect(last).toBeInViewport({ ratio: 0.95 });
      await page.getByTestId('tab-exchanges').click();
      await row(page, 1499).click();
      const part = page.getByTestId('detail').getByRole('tabpanel');
      await expect(part).toBeVisible();
      await part.scrollIntoViewIfNeeded();
      await expect(part).toBeInViewport();
      expect(await beyond(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await expect(row(page, 1499)).toBeVisible();
    });

    if (![390, 1440, 3840].includes(viewport.width)) return;

    test('nothing moves while the page loads, however late its answers are', async ({ open, page: window }) => {
      await window.addInitScript(() => {
        const seen = { moved: 0, what: [] as string[] };
        const note = (entries: PerformanceEntryList) => {
          for (const entry of entries as (PerformanceEntry & {
            value: number;
            sources: { node: Node }[];
          })[]) {
            seen.moved += entry.value;
            seen.what.push(...entry.sources.map(({ node }) => node.parentElement?.className ?? node.nodeName));
          }
        };
        const observer = new PerformanceObserver((list) => note(list.getEntries()));
        observer.observe({ type: 'layout-shift', buffered: true });
        Object.assign(globalThis, {
          moves: () => {
            note(observer.takeRecords());
            return seen;
          },
        });
      });
      // Columns that there are for rules and tags are known from the time before.
      const first = await open('/');
      await expect(first.getByRole('columnheader', { name: 'Rule' })).toHaveCount(viewport.width > 540 ? 1 : 0);
      // Each call is answered after the one before: what one of them moves is drawn before the next.
      let turn = Promise.resolve();
      await window.route('**/api/v1/**', async (route) => {
        if (route.request().url().includes('/live')) return route.continue();
        const drawn = () => window.evaluate(() => new Promise<void>((on) => requestAnimationFrame(() => on())));
        // A call of the page before goes with that page.
        turn = turn.then(() => drawn().catch(() => undefined));
        await turn;
        await route.continue();
      });
      const page = await open('/');
      await expect(row(page, 1500)).toBeVisible();
      await expect(page.getByTestId('histogram-chart')).toBeVisible();
      // Of what is drawn last it is told with the frame after that.
      const { moved, what } = await page.evaluate(async () => {
        const frame = () => new Promise((drawn) => requestAnimationFrame(drawn));
        await frame();
        await frame();
        return (globalThis as unknown as { moves: () => Moves }).moves();
      });
      expect(moved, what.join(', ')).toBeLessThan(0.01);
      await window.unrouteAll({ behavior: 'ignoreErrors' });
    });
  });
}

interface Moves {
  moved: number;
  what: string[];
}

/** Bars that are not one line, and things in them that overlap or are cut without an ellipsis. */
const barFaults = (page: Page) =>
  page.evaluate(() => {
    const faults: string[] = [];
    for (const bar of document.querySelectorAll('.page > header, .toolbar [role="tablist"], .page > footer')) {
      const parts = [...bar.children].map((part) => ({ part, at: part.getBoundingClientRect() }));
      const seen = parts.filter(({ at }) => at.width > 0);
      const tallest = Math.max(...seen.map(({ at }) => at.height));
      if (bar.getBoundingClientRect().height > tallest + 24) faults.push(`${bar.tagName} has several lines`);
      for (const [index, { part, at }] of seen.entries()) {
        const next = seen[index + 1];
        const name = `${part.tagName} ${part.textContent.trim().slice(0, 30)}`;
        if (next !== undefined && at.right > next.at.left + 1) faults.push(`${name} covers the next`);
        if (part instanceof HTMLButtonElement && part.scrollWidth > part.clientWidth + 1) faults.push(`${name} is cut`);
      }
    }
    return faults;
  });
