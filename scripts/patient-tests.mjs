/**
 * Set-up of every Vitest project: `vi.waitFor` waits as long as a test may take, instead of Vitest's one second, which
 * is too short on a busy machine.
 */
import { vi } from 'vitest';

const TIMEOUT_MS = 120_000;

const { waitFor } = vi;
vi.waitFor = (callback, options) =>
  waitFor(callback, typeof options === 'number' ? options : { timeout: TIMEOUT_MS, ...options });
