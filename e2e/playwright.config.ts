/** Several people in several browser contexts. Uses a Chromium on PATH, or Playwright's own. */
import { defineConfig } from '@playwright/test';
import { chromiumOnPath } from './chromium-on-path.mjs';

const chromium = chromiumOnPath();

/** It measures lost milliseconds, so it runs first, while the machine is otherwise idle. */
const alone = '**/crash.spec.ts';

export default defineConfig({
  testDir: 'people',
  outputDir: '../test-results',
  // Tests mostly wait, and each file has its own servers.
  workers: 3,
  projects: [
    { name: 'alone', testMatch: alone },
    { name: 'people', testIgnore: alone, dependencies: ['alone'] },
    // Needs nginx and a database (scripts/cluster.mjs).
    { name: 'cluster', testDir: 'cluster/people' },
  ],
  // For tests that hang: a busy machine must not make one fail.
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
        // Chromium's sandbox does not work for root, as which containers run tests.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ],
    },
  },
});
