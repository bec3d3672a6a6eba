/**
 * Worker thread that writes a backup while servers continue to write: of a data directory over a connection of its own,
 * from one snapshot of the database; of a MongoDB database over a client of its own, from one snapshot where the server
 * has them.
 */
import { rmSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { SnapshotLostError } from '../../store/mongodb/transfer/mongo-source.ts';
import { openMongoSource } from '../../store/mongodb/transfer/open-source.ts';
import { openReadingDatabase } from '../../store/sqlite/open-database.ts';
import { sqliteSource } from '../../store/sqlite/transfer/sqlite-source.ts';
import type { Backup, BackupRequest, FromBackup } from './back-up.ts';
import { writeBackup, type WriteOptions } from './backup-writer.ts';

const post = (message: FromBackup): void => parentPort?.postMessage(message);

type Made = Omit<Backup, 'file'>;
type Options = Omit<WriteOptions, 'isSnapshot'>;

async function write({
  dataDirectory,
  databaseUrl,
  partial,
  givenUp,
}: BackupRequest): Promise<void> {
  // prettier-ignore
  const options: Options = {
    isGivenUp: () => Atomics.load(givenUp, 0) === 1,
    progress: (progress) => post({ kind: 'progress', ...progress }),
  };
  const made =
    databaseUrl === null
      ? await writeFiles(dataDirectory, partial, options)
      : await writeDatabase(databaseUrl, partial, options);
  post({ kind: 'done', ...made });
}

async function writeFiles(dataDirectory: string, partial: string, options: Options): Promise<Made> {
  const { connection, historyId, close } = openReadingDatabase(dataDirectory);
  try {
    connection.exec('BEGIN');
    return await writeBackup(sqliteSource(connection, historyId), partial, { ...options, isSnapshot: true }); // prettier-ignore
  } finally {
    close();
  }
}

async function writeDatabase(url: string, partial: string, options: Options): Promise<Made> {
  for (const isWanted of [true, false]) {
    const { source, isSnapshot, close } = await openMongoSource(url, {
      ...{ isSnapshot: isWanted, warn: () => {} },
    });
    try {
      return await writeBackup(source, partial, { ...options, isSnapshot });
    } catch (error) {
      // The server keeps a snapshot for some minutes. Without one, each document is still read as a prefix.
      if (!isSnapshot || !(error instanceof SnapshotLostError)) throw error;
      rmSync(partial, { force: true });
    } finally {
      await close();
    }
  }
  throw new Error('the database gave no snapshot');
}

write(workerData as BackupRequest).catch((error: unknown) => {
  post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
});
