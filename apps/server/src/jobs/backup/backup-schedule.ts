/** Scheduled backups into a directory, of which the newest are kept. */
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupConfig } from '../../platform/config.ts';
import type { Log } from '../../platform/log.ts';
import type { ServerMetrics } from '../../platform/metrics.ts';
import type { Backup } from './back-up.ts';

export interface BackupScheduleOptions {
  readonly config: BackupConfig;
  readonly backUp: (file: string) => Promise<Backup>;
  readonly log: Log;
  readonly metrics: ServerMetrics;
}

/** Retry delay after a failure. */
const AGAIN_MS = 10 * 60_000;
/** Longest wait of a timer; asked again by then. */
const LONGEST_TIMER_MS = 60 * 60_000;
const NAME = /^concord-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.backup\.gz$/;

/** Returns the function that stops the schedule and cancels a running backup. */
export function scheduleBackups({
  config,
  backUp,
  log,
  metrics,
}: BackupScheduleOptions): () => void {
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let notBefore = 0;
  const wait = (): void => {
    if (isStopped) return;
    const dueMs = Math.max(nextDue(config, Date.now()), notBefore) - Date.now();
    timer = setTimeout(() => void turn(), Math.min(Math.max(dueMs, 0), LONGEST_TIMER_MS));
    timer.unref();
  };
  const turn = async (): Promise<void> => {
    if (nextDue(config, Date.now()) > Date.now()) return wait();
    const startedAt = performance.now();
    try {
      mkdirSync(config.directory, { recursive: true, mode: 0o700 });
      const made = await backUp(join(config.directory, nameAt(new Date())));
      const ms = Math.round(performance.now() - startedAt);
      log.info({ file: made.file, bytes: made.bytes, rows: made.rows, ms }, 'a backup was made');
      metrics.backedUp(true);
      prune(config);
    } catch (error) {
      if (isStopped) return;
      log.error({ err: error }, 'a scheduled backup failed; it is tried again in ten minutes');
      metrics.backedUp(false);
      notBefore = Date.now() + AGAIN_MS;
    }
    wait();
  };
  wait();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

/** When the next one is due: an interval after the newest; at once without one, or with one dated in the future. */
export function nextDue({ directory, everyMs }: BackupConfig, now: number): number {
  const newest = backupsIn(directory).at(-1);
  if (newest === undefined) return now;
  const at = statSync(join(directory, newest)).mtimeMs;
  return at > now ? now : at + everyMs;
}

/** Removes all but the newest. Files of other names are not its own. */
export function prune({ directory, keep }: BackupConfig): void {
  for (const name of backupsIn(directory).slice(0, -keep)) rmSync(join(directory, name));
}

const nameAt = (at: Date): string =>
  `concord-${at.toISOString().slice(0, 19).replaceAll(':', '-')}Z.backup.gz`;

/** Oldest first. */
function backupsIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((name) => NAME.test(name))
      .sort();
  } catch {
    return [];
  }
}
