// Lighthouse's scores of the page, with Lighthouse installed beside the other tools.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from '@playwright/test';

const TOOLS = resolve(process.env.DASHCAM_TOOLS ?? '../../target/test-tools', 'lighthouse');
const VERSION = 'lighthouse@12.8.2';
const PORT = 9333;

/** Runs it on the page of `running`, signed in, in a browser of its own. */
export async function lighthouse(_, running, tell) {
  install();
  const entry = join(TOOLS, 'node_modules/lighthouse/core/index.js');
  const { default: audit, desktopConfig } = await import(pathToFileURL(entry).href);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', `--remote-debugging-port=${PORT}`],
  });
  try {
    // The token is in the address once; the session's cookie is sent as a header, as Lighthouse clears what is stored.
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(running.page);
    const cookies = await context.cookies();
    await page.close();
    const Cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const flags = { port: PORT, extraHeaders: { Cookie }, onlyCategories: ['performance', 'accessibility'] };
    const slow = await audit(running.origin, {
      ...flags,
      formFactor: 'desktop',
      screenEmulation: { disabled: true },
    });
    told(tell, 'slow 4G, a quarter of the processor, judged as a desktop', slow);
    told(tell, 'its default: a phone, slow 4G, a quarter of the processor', await audit(running.origin, flags));
    told(tell, "its preset 'desktop'", await audit(running.origin, flags, desktopConfig));
  } finally {
    await browser.close();
  }
}

/** Says the scores, and names the audits that cost points. */
function told(tell, conditions, { lhr }) {
  // None where an audit failed: the reasons follow.
  const score = (name) => {
    const { score: found } = lhr.categories[name];
    return found === null ? 'none' : Math.round(found * 100);
  };
  const figure = `Lighthouse ${lhr.lighthouseVersion} (${conditions}), performance and accessibility`;
  tell(figure, `${score('performance')}, ${score('accessibility')}`, '95, 100; aim 100, 100');
  for (const id of failing(lhr)) console.error(`  ${id}`);
}

/** Names of the audits that cost points. */
function failing({ audits }) {
  const weak = Object.values(audits).filter(
    ({ score, scoreDisplayMode: mode }) => mode === 'error' || (score !== null && score < 0.9),
  );
  return weak.map(({ id, displayValue = '', errorMessage = '' }) => `${id} ${displayValue}${errorMessage}`);
}

function install() {
  if (existsSync(join(TOOLS, 'node_modules/lighthouse'))) return;
  mkdirSync(TOOLS, { recursive: true });
  const words = ['install', '--no-audit', '--no-fund', '--silent', '--prefix', TOOLS, VERSION];
  execFileSync('npm', words, { stdio: 'inherit', env: { ...process.env, PUPPETEER_SKIP_DOWNLOAD: '1' } });
}
