// The page in Chromium, over the stand-in for dashcam: `npm run e2e`. The browser is the system's, or $CHROMIUM.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testMatch: '*.spec.ts',
  outputDir: '../test-results',
  fullyParallel: true,
  workers: 2,
  // As with the tests in Rust: one that fails runs once more, and is named as flaky if it passes then.
  retries: 1,
  forbidOnly: process.env.CI !== undefined,
  reporter: 'line',
  // Time enough for a machine that does other things as well; what is waited for is mostly there at once.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  use: {
    // A worker keeps its browser's page, emptied of what a test left: a new one costs more than most tests do.
    reuseContext: true,
    viewport: { width: 1400, height: 900 },
    timezoneId: 'UTC',
    locale: 'en-GB',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu'],
    },
  },
});
