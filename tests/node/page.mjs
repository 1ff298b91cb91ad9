// Uses the page in Chromium as a person would, while requests pass through dashcam.
// Reads {"page": url with token, "proxy", "ca", "origin", "originCa"}; fails at the first thing that is not as it should be.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ProxyAgent, fetch } from "undici";
import { looking, open } from "./chromium.mjs";

const job = JSON.parse(readFileSync(0, "utf8"));
const ca = readFileSync(job.ca, "utf8");
const originCa = readFileSync(job.originCa, "utf8");
const proxied = (trusted) => new ProxyAgent({ uri: job.proxy, requestTls: { ca: trusted } });

/** One request through dashcam, over a connection of its own. */
async function request(path, options = {}) {
  const dispatcher = options.dispatcher ?? proxied(ca);
  const response = await fetch(job.origin + path, { ...options, dispatcher });
  const text = await response.text();
  await dispatcher.close();
  assert.equal(response.status, 200, path);
  return text;
}

const browsing = await open();
const { page, errors } = browsing;

const row = (text) => page.getByTestId("row").filter({ hasText: text });
const level = async (name) => {
  await page.getByTestId(`level-${name}`).click();
  await page.getByTestId("level-current").filter({ hasText: new RegExp(name, "i") }).waitFor();
};

await looking(browsing, async () => {
  await page.goto(job.page);
  assert.ok(!page.url().includes("token="), "the token stays in the address bar");
  await page.getByTestId("empty-state").waitFor();

  // The list grows while we look at it.
  await request("/json?first");
  await row("/json?first").waitFor();
  await request("/digest?page", { method: "POST", body: "original", headers: { "content-type": "text/plain" } });
  await row("/digest?page").waitFor();
  assert.equal(await page.getByTestId("row").count(), 2);

  // An exchange with its JSON.
  await row("/json?first").click();
  await page.getByTestId("detail").waitFor();
  await page.getByTestId("tab-response").click();
  await page.getByTestId("body-text").filter({ hasText: '"dashcam"' }).waitFor();

  // The filter hides the others.
  await page.getByTestId("filter").fill("digest");
  await row("/json?first").waitFor({ state: "detached" });
  await row("/digest?page").waitFor();
  await page.getByTestId("filter").fill("");
  await row("/json?first").waitFor();

  // Replay as it was.
  await row("/digest?page").first().click();
  await page.getByTestId("replay").click();
  await page.waitForFunction(() => document.querySelectorAll('[data-testid="row"]').length === 3);

  // Replay with edits: another URL and another body.
  await row("/digest?page").last().click();
  await page.getByTestId("edit-replay").click();
  const url = page.getByTestId("edit-url");
  await url.fill((await url.inputValue()).replace("?page", "?edited"));
  await page.getByTestId("edit-body").getByRole("textbox").fill("changed");
  await page.getByTestId("send-replay").click();
  // It is compared with its original, and in the list behind that.
  await page.getByTestId("compare-request-body").filter({ hasText: "changed" }).waitFor();
  await page.keyboard.press("Escape");
  await row("/digest?edited").waitFor();

  // Off: it says so, and what passes now is not in the list, and not decrypted.
  await level("off");
  await request("/json?while-off", { dispatcher: proxied(originCa) });

  // Metrics: counted, with how long it took, and not in the list.
  await level("metrics");
  await request("/json?only-counted");
  await page.getByTestId("requests").waitFor();
  await page.waitForFunction(() => /[µm]?s p99/.test(document.querySelector('[data-testid="p99"]')?.textContent ?? ""));

  // On again.
  await level("full");
  await request("/json?on-again");
  await row("/json?on-again").waitFor();
  assert.equal(await row("/json?while-off").count(), 0);
  assert.equal(await row("/json?only-counted").count(), 0);
  await level("metadata");
});
process.stdout.write(JSON.stringify({ errors }));
