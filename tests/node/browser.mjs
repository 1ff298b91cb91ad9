// Opens a page of an origin in Chromium and prints what the page saw, as JSON.
// stdin: {"proxy": url or null, "url": the page, "webSocket": url}; HOME has the authorities that are trusted.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const job = JSON.parse(readFileSync(0, "utf8"));

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"],
  // Without this, Chromium goes to loopback addresses directly.
  proxy: job.proxy ? { server: job.proxy, bypass: "<-loopback>" } : undefined,
});
const context = await browser.newContext({ acceptDownloads: true });
const page = await context.newPage();
page.setDefaultTimeout(20_000);
const errors = [];
page.on("pageerror", (error) => errors.push(String(error)));
page.on("console", (message) => message.type() === "error" && errors.push(message.text()));

try {
  const response = await page.goto(job.url, { waitUntil: "load" });
  const seen = await page.evaluate((webSocket) => window.everything(webSocket), job.webSocket);
  const downloading = page.waitForEvent("download");
  await page.click("a[download]");
  const download = await downloading;
  const bytes = readFileSync(await download.path());
  const details = await response.securityDetails();
  process.stdout.write(
    JSON.stringify({
      status: response.status(),
      headers: await response.headersArray(),
      tls: details?.protocol,
      seen,
      download: [download.suggestedFilename(), bytes.length, createHash("sha256").update(bytes).digest("hex")],
      errors,
    }),
  );
} finally {
  await browser.close();
}
