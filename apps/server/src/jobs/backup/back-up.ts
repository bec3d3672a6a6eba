/** Makes a backup of a data directory whose lock this process holds, while it is written to. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { syncDirectory } from '../../store/sqlite/files/small-files.ts';
import { BackupError } from './backup-format.ts';

export interface BackupRequest {
  readonly dataDirectory: string;
  /** Written under this name, and renamed when it is whole. */
  readonly partial: string;
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
 * Rejects with {@link BackupError}; then nothing is left behind, and there is never a half file of that name.
 * @param signal gives it up
 */
export async function backUp(
  dataDirectory: string,
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
    const done = await written({ dataDirectory, partial }, progress, signal);
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
    const stop = (): void => void worker.terminate();
    signal?.addEventListener('abort', stop);
    worker.on('error', reject);
    worker.on('exit', () => {
      signal?.removeEventListener('abort', stop);
      reject(new Error(signal?.aborted === true ? 'the server is stopping' : 'its thread ended'));
    });
    worker.on('message', (message: FromBackup) => {
      switch (message.kind) {
        case 'progress':
          return progress(message);
        case 'done': {
          const { rows, bytes, sha256 } = message;
          return resolve({ rows, bytes, sha256 });
        }
        case 'failed':
          return reject(new Error(message.message));
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
