/** Several people in several browser contexts. Uses a Chromium on PATH, or Playwright's own. */
import { defineConfig } from '@playwright/test';
import { chromiumOnPath } from './chromium-on-path.mjs';

const chromium = chromiumOnPath();

/** What a person loses is counted in milliseconds there: it comes first, while nothing else keeps the machine busy. */
const alone = '**/crash.spec.ts';

export default defineConfig({
  testDir: 'people',
  outputDir: '../test-results',
  // Tests wait more than they work, and each file has servers of its own.
  workers: 3,
  projects: [
    { name: 'alone', testMatch: alone },
    { name: 'people', testIgnore: alone, dependencies: ['alone'] },
  ],
  // Of tests that hang: a machine that is busy with other things must not make one fail.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  reporter: [
    ['list'],
    ...(process.env['CONCORD_E2E_REPORT'] === undefined
      ? []
      : [['json', { outputFile: process.env['CONCORD_E2E_REPORT'] }] as const]),
  ],
  use: {
    browserName: 'chromium',
    trace: 'retain-on-failure',
    launchOptions: {
      ...(chromium === undefined ? {} : { executablePath: chromium }),
      args: [
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        // Chromium will not sandbox itself for root, as which containers run tests.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ],
    },
  },
});
