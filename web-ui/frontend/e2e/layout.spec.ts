import type { Page } from '@playwright/test';
import { expect, pane, row, test } from './page';

/** Elements that stand beyond the window's sides. */
const beyond = (page: Page) =>
  page.evaluate(() => {
    const outside = [...document.querySelectorAll('body *')].filter((element) => {
      const { left, right, width } = element.getBoundingClientRect();
      return width > 0 && (left < -1 || right > window.innerWidth + 1);
    });
    return outside.map((element) => `${element.tagName} ${element.textContent.trim().slice(0, 40)}`);
  });

for (const width of [1024, 390, 360]) {
  test(`at ${width} px every view fits, and the filter is there`, async ({ open, page: window }) => {
    await window.setViewportSize({ width, height: 800 });
    const page = await open('/?exchange=1499');
    await expect(pane(page, 1499)).toBeVisible();
    expect(await beyond(page)).toEqual([]);
    const took = row(page, 1499).getByRole('gridcell', { name: '82.4 ms' });
    const [cell, list] = [await took.boundingBox(), await page.getByRole('grid').boundingBox()];
    expect((cell?.x ?? Infinity) + (cell?.width ?? 0)).toBeLessThanOrEqual((list?.x ?? 0) + (list?.width ?? 0));
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
