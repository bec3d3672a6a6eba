/** Idle connections for a measurement of what each of them takes. */
import { setTimeout as delay } from 'node:timers/promises';
import { TEXT_LENGTH } from './comparison.ts';
import type { IdleJob } from './load-messages.ts';
import type { LoadGenerator, RunningServer } from './sides.ts';

export const PER_DOCUMENT = 100;
/** Milliseconds for timers and handshakes to settle before memory is read. */
export const SETTLE_MS = 5_000;

/**
 * Makes some connections and ends them: the first ones load code and caches, which do not count.
 * @returns the job that makes those which count
 */
export async function warmedUp(
  load: LoadGenerator,
  server: RunningServer,
  connections: number,
): Promise<IdleJob> {
  const job: IdleJob = {
    kind: 'idle',
    connections,
    perDocument: PER_DOCUMENT,
    textLength: TEXT_LENGTH,
  };
  await load.run(server, 'wire', { ...job, connections: 2 * PER_DOCUMENT });
  await load.run(server, 'wire', { kind: 'disconnect' });
  await delay(SETTLE_MS);
  return job;
}
