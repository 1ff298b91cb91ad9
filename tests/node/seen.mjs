// Looks at the page where something is the matter with the recording, as a person would.
// Reads {"page": url with token, "state": "missing" | "paused" | "read-only", "proxy", "origin"}.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ProxyAgent, fetch } from "undici";
import { looking, open } from "./chromium.mjs";

const job = JSON.parse(readFileSync(0, "utf8"));
const browsing = await open(job.width);
const { page, errors } = browsing;
const at = (id) => page.getByTestId(id);

/** Waits until there is `id` with `text` in it, and for a person to see it. */
async function says(id, text) {
  await at(id).filter({ hasText: text }).first().waitFor({ state: "visible" });
}

const dispatcher = () => new ProxyAgent({ uri: job.proxy });

async function request(path) {
  const own = dispatcher();
  const response = await fetch(job.origin + path, { dispatcher: own });
  await response.text();
  await own.close();
  assert.equal(response.status, 200, path);
}

const STATES = {
  /** There is room for a few exchanges: what passes beside them is missing, and the page says so at once. */
  async missing() {
    await request("/json?seen");
    await at("row").filter({ hasText: "/json?seen" }).waitFor();
    await at("tab-gaps").click();
    await says("gaps-none", /^\s*Nothing is missing/);
    const leave = new AbortController();
    const hold = (_, n) => fetch(`${job.origin}/events?${n}`, { dispatcher: dispatcher(), signal: leave.signal });
    await Promise.all(Array.from({ length: job.held }, hold));
    await says("gap-row", "too much at once for the disk");
    // The list (of one hour, or two if the clock strikes), its tab and the ledger agree.
    const agreed = await page.waitForFunction(() => {
      const text = (id) => document.querySelector(`[data-testid="${id}"]`)?.textContent.trim();
      const hours = [...document.querySelectorAll('[data-testid="gap-row"] td:nth-of-type(1)')];
      const missing = hours.reduce((sum, hour) => sum + Number(hour.textContent), 0);
      return text("tab-gaps") === `Missing${missing}` && text("dropped") === `${missing} dropped` && missing;
    });
    const hour = at("gap-row").first().getByRole("rowheader");
    assert.match(await hour.innerText(), /^\d{4}-\d\d-\d\d \d\d:\d\d–\d\d:\d\d$/);
    const moment = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}`;
    assert.match((await hour.getAttribute("title")) ?? "", new RegExp(`^${moment} – ${moment}$`));
    // Another list, and back by way of the ledger, with the keyboard.
    await at("tab-exchanges").click();
    await at("gaps").waitFor({ state: "detached" });
    await at("dropped").focus();
    await page.keyboard.press("Enter");
    await says("gap-row", "too much at once");
    leave.abort();
    return agreed.jsonValue();
  },

  /** Recording is paused: the bar says why, and traffic goes on. */
  async paused() {
    await says("recording-paused", /Recording is paused since \d{4}-/);
    await says("recording-paused", "--min-free keeps");
    await says("recording-paused", "Traffic passes all the same");
    assert.equal(await at("recording-paused").getAttribute("role"), "alert");
    await says("level-paused", "paused");
    await request("/json?paused");
    await says("dropped", "1 dropped");
    await at("dropped").click();
    await says("gaps-paused", "once recording goes on");
    assert.equal(await at("gaps-none").count(), 0, "it says that nothing is missing");
  },

  /** A recording that is only looked at: all of it is shown, and nothing can be changed. */
  async "read-only"() {
    const writes = [];
    page.on("request", (sent) => sent.method() !== "GET" && writes.push(`${sent.method()} ${sent.url()}`));
    await says("read-only", "Read only");
    await says("ledger", /^\s*\d+ exchanges\s*$/);
    assert.equal(await at("recording-paused").count(), 0);
    await at("row").filter({ hasText: "/json?seen" }).click();
    await says("detail-status", "200");
    await at("copy-as").waitFor();
    for (const control of ["replay", "edit-replay", "pin", "delete", "clear-all", "level-full", "level-off", "dropped"]) {
      assert.equal(await at(control).count(), 0, `${control} is there`);
    }
    await page.keyboard.press("p");
    await at("tab-gaps").click();
    await says("gap-row", "too much at once");
    assert.deepEqual(writes, []);
  },
};

let missing;
await looking(browsing, async () => {
  await page.goto(job.page);
  missing = await STATES[job.state]();
});
process.stdout.write(JSON.stringify({ errors, missing }));
