/**
 * Set-up of every Vitest project: `vi.waitFor` waits as long as a test may take, not for Vitest's second, which a
 * machine with other work to do misses. Whoever waits for less says so.
 */
import { vi } from 'vitest';

const TIMEOUT_MS = 120_000;

const { waitFor } = vi;
vi.waitFor = (callback, options) =>
  waitFor(callback, typeof options === 'number' ? options : { timeout: TIMEOUT_MS, ...options });
