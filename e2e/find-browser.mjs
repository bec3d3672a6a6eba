/** Exits with 0 when a Chromium is on PATH or Playwright has its own, with 1 when one must be installed. */
import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';
import { chromiumOnPath } from './chromium-on-path.mjs';

const path = chromiumOnPath() ?? chromium.executablePath();
if (!existsSync(path)) process.exit(1);
console.log(`Browser: ${path}`);
