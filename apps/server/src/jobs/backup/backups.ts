/** The backups of a running server: by order of `concord backup`, and by the clock. One at a time. */
import type { Config } from '../../platform/config.ts';
import type { Log } from '../../platform/log.ts';
import type { ServerMetrics } from '../../platform/metrics.ts';
import { backUp } from './back-up.ts';
import { BackupError } from './backup-format.ts';
import { scheduleBackups } from './backup-schedule.ts';
import type { RunBackup } from '../control.ts';

export interface BackupsOptions {
  readonly config: Pick<Config, 'dataDirectory' | 'databaseUrl' | 'backups'>;
  readonly log: Log;
  readonly metrics: ServerMetrics;
}

export interface RunningBackups {
  /** Makes one by order. Rejects with {@link BackupError}. */
  readonly make: RunBackup;
  /** A backup that is under way is given up, and leaves nothing behind. */
  readonly stop: () => void;
}

export function startBackups({ config, log, metrics }: BackupsOptions): RunningBackups {
  const ending = new AbortController();
  let isRunning = false;
  const run: RunBackup = async (file, progress) => {
    if (isRunning)
      throw new BackupError('Another backup is being made: try again when it is done.');
    isRunning = true;
    try {
      return await backUp(config, file, progress, ending.signal);
    } finally {
      isRunning = false;
    }
  };
  const make: RunBackup = async (file, progress) => {
    const made = await run(file, progress);
    log.info({ file: made.file, bytes: made.bytes, rows: made.rows }, 'a backup was made');
    metrics.backedUp(true);
    return made;
  };
  const stopSchedule =
    config.backups === null
      ? () => {}
      : scheduleBackups({
          ...{ config: config.backups, log, metrics },
          backUp: (file) => run(file, () => {}),
        });
  return {
    make,
    stop: () => {
      stopSchedule();
      ending.abort();
    },
  };
}
