// Signs in to the page and out of it in Chromium, as a person would.
// Reads {"page": url without token, "home", "dashcam": the binary}; fails at the first thing that is not as it should be.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { looking, open } from "./chromium.mjs";

const job = JSON.parse(readFileSync(0, "utf8"));
const browsing = await open();
const { page, errors } = browsing;
const at = (id) => page.getByTestId(id);
const signIn = async () => {
  await page.goto(`${job.page}?token=${readFileSync(`${job.home}/token`, "utf8").trim()}`);
  await at("live-state").filter({ hasText: "live" }).waitFor();
};
const signedOut = () => page.getByText("Sign in to dashcam").waitFor();

await looking(browsing, async () => {
  await page.goto(job.page);
  await signedOut();
  // Its style is in force under the page's policy.
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector("h1")).fontSize), "20px");

  await signIn();
  // What the API answers is in a sandbox, and can be saved all the same.
  await at("more").click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByText("Export HAR").click()]);
  assert.equal(await download.failure(), null);
  assert.match(readFileSync(await download.path(), "utf8"), /"log"/);

  await at("sign-out").click();
  await at("sign-out-here").click();
  await signedOut();
  await page.goto(job.page);
  await signedOut();

  // Another browser ends the sessions of all: this page says so, and what to do, and asks no more.
  await signIn();
  const other = await (await browsing.browser.newContext()).newPage();
  await other.goto(`${job.page}?token=${readFileSync(`${job.home}/token`, "utf8").trim()}`);
  await other.getByTestId("more").click();
  await other.getByTestId("sign-out").click();
  await other.getByTestId("sign-out-everywhere").click();
  await at("locked").filter({ hasText: "dashcam status --token" }).waitFor();
  await at("live-state").filter({ hasText: "ended" }).waitFor();
  if (process.env.DASHCAM_SCREENSHOT) await page.screenshot({ path: `${process.env.DASHCAM_SCREENSHOT}.ended.png` });

  // So does a new token.
  await signIn();
  execFileSync(job.dashcam, ["token", "rotate"], { env: { ...process.env, DASHCAM_HOME: job.home } });
  await at("locked").waitFor();
  await signIn();
  if (process.env.DASHCAM_SCREENSHOT) {
    await at("more").click();
    await at("sign-out").click();
    await page.screenshot({ path: `${process.env.DASHCAM_SCREENSHOT}.dialog.png` });
  }
});
process.stdout.write(JSON.stringify({ errors }));
