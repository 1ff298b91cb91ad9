// Chromium on dashcam's page, and what is wrong by its console.

import { chromium } from "playwright-core";

/** A page of this width, and the errors that it will have had. */
export async function open(width = 1400) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  const context = await browser.newContext({ viewport: { width, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  // An exchange may be in the live list a moment before it is in the store: the page asks again, the browser complains.
  const early = (url) => /\/api\/v1\/exchanges\/\d+$/.test(url);
  page.on("console", (message) => {
    if (message.type() !== "error" || early(message.location().url)) return;
    errors.push(`${message.text()} ${message.location().url}`);
  });
  return { browser, page, errors };
}

/** Does `use` with the page; where it fails, $DASHCAM_SCREENSHOT is the file that shows what the page was like. */
export async function looking({ browser, page, errors }, use) {
  try {
    await use();
  } catch (error) {
    if (process.env.DASHCAM_SCREENSHOT) await page.screenshot({ path: process.env.DASHCAM_SCREENSHOT });
    console.error(errors.join("\n"));
    throw error;
  } finally {
    await browser.close();
  }
}
