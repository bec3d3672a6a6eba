/** Makes a backup of a data directory whose lock this process holds, or of a database, while it is written to. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { syncDirectory } from '../../store/sqlite/files/small-files.ts';
import { BackupError } from './backup-format.ts';

/** What a backup is made of. */
export interface BackedUp {
  readonly dataDirectory: string;
  /** Of a MongoDB database; null for the files of the directory. */
  readonly databaseUrl: string | null;
}

export interface BackupRequest extends BackedUp {
  /** Temporary name, renamed when the backup is complete. */
  readonly partial: string;
  /**
   * One number in shared memory; 1 cancels the backup. The thread is not terminated from outside, which would crash
   * the process while it is inside SQLite.
   */
  readonly givenUp: Int32Array;
}

export interface BackupProgress {
  readonly rows: number;
  readonly bytes: number;
  readonly table: string;
}

export interface Backup {
  readonly file: string;
  readonly rows: number;
  readonly bytes: number;
  /** Of its content; also in its last line. */
  readonly sha256: string;
}

export type FromBackup =
  | ({ readonly kind: 'progress' } & BackupProgress)
  | ({ readonly kind: 'done' } & Omit<Backup, 'file'>)
  | { readonly kind: 'failed'; readonly message: string };

export const PARTIAL_SUFFIX = '.partial';

/**
 * Rejects with {@link BackupError}, leaving no files; a partial file never has the final name.
 * @param signal cancels it
 */
export async function backUp(
  { dataDirectory, databaseUrl }: BackedUp,
  file: string,
  progress: (progress: BackupProgress) => void = () => {},
  signal?: AbortSignal,
): Promise<Backup> {
  const target = resolve(file);
  if (existsSync(target)) {
    throw new BackupError(`${target} exists already: name a file that does not.`);
  }
  const partial = `${target}${PARTIAL_SUFFIX}`;
  rmSync(partial, { force: true });
  try {
    const givenUp = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const done = await written({ dataDirectory, databaseUrl, partial, givenUp }, progress, signal);
    renameSync(partial, target);
    syncDirectory(dirname(target));
    return { file: target, ...done };
  } catch (error) {
    rmSync(partial, { force: true });
    if (error instanceof BackupError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new BackupError(`The backup ${target} could not be made: ${reason}`, { cause: error });
  }
}

function written(
  workerData: BackupRequest,
  progress: (progress: BackupProgress) => void,
  signal: AbortSignal | undefined,
): Promise<Omit<Backup, 'file'>> {
  return new Promise((resolve, reject) => {
    const worker = newWorker(workerData);
    // Its connection would keep the database from being closed.
    const stop = (): void => void Atomics.store(workerData.givenUp, 0, 1);
    if (signal?.aborted === true) stop();
    signal?.addEventListener('abort', stop);
    let outcome: () => void = () => {
      reject(new Error('its thread ended'));
    };
    worker.on('error', reject);
    // Only then its connection is closed, and its file.
    worker.on('exit', () => {
      signal?.removeEventListener('abort', stop);
      if (signal?.aborted === true) reject(new Error('the server is stopping'));
      else outcome();
    });
    worker.on('message', (message: FromBackup) => {
      switch (message.kind) {
        case 'progress':
          return progress(message);
        case 'done': {
          const { rows, bytes, sha256 } = message;
          outcome = () => resolve({ rows, bytes, sha256 });
          return;
        }
        case 'failed':
          outcome = () => reject(new Error(message.message));
          return;
      }
    });
  });
}

/** As for the database's thread: the sources run in tests only, which bring a loader. */
function newWorker(workerData: BackupRequest): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./backup-worker.js', import.meta.url), { workerData });
  }
  const loader = new URL('../../platform/typescript-loader.mjs', import.meta.url);
  return new Worker(new URL('./backup-worker.ts', import.meta.url), {
    workerData,
    execArgv: ['--import', loader.href],
  });
}
