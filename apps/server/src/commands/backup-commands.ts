/** `concord backup` and `concord restore`, as a person runs them. */
import { resolve } from 'node:path';
import type { Config } from '../platform/config.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import { backUp, type Backup, type BackupProgress } from '../jobs/backup/back-up.ts';
import { orderBackup } from '../jobs/control.ts';
import { restoreDatabase } from '../jobs/backup/restore-database.ts';
import { restore } from '../jobs/backup/restore.ts';

/** A line of progress at most so often. */
const SAY_MS = 1_000;

/** Through the server when one runs, else directly. Rejects with BackupError, OrderError or StoreOpenError. */
export async function backupCommand(
  { dataDirectory, databaseUrl }: Config,
  file: string,
): Promise<void> {
  const target = resolve(file);
  let saidAt = performance.now();
  const progress = ({ rows, bytes, table }: BackupProgress): void => {
    if (performance.now() - saidAt < SAY_MS) return;
    saidAt = performance.now();
    process.stderr.write(`${rows} records, ${bytes} bytes, in ${table}\n`);
  };
  // A database is read beside its servers; the files of a directory are read by the server that has their lock.
  const made =
    databaseUrl === null
      ? ((await orderBackup(dataDirectory, target, progress)) ??
        (await withoutServer(dataDirectory, target, progress)))
      : await backUp({ dataDirectory, databaseUrl }, target, progress);
  process.stdout.write(
    `${made.file}: ${made.rows} records, ${made.bytes} bytes, SHA-256 of its content ${made.sha256}\n`,
  );
}

async function withoutServer(
  dataDirectory: string,
  file: string,
  progress: (progress: BackupProgress) => void,
): Promise<Backup> {
  const store = await openSqliteStore(dataDirectory);
  let isDamaged = false;
  store.listen((event) => {
    if (event.type === 'incident') isDamaged = true;
  });
  try {
    const made = await backUp({ dataDirectory, databaseUrl: null }, file, progress);
    if (isDamaged) {
      process.stderr.write(
        'There are reports of damage in the data directory: run concord verify.\n',
      );
    }
    return made;
  } finally {
    await store.close();
  }
}

export async function restoreCommand(
  { dataDirectory, databaseUrl }: Config,
  file: string,
): Promise<void> {
  const say = (words: string): void => void process.stderr.write(`${words}\n`);
  const done =
    databaseUrl === null
      ? await restore(resolve(file), dataDirectory, say)
      : await restoreDatabase(resolve(file), databaseUrl, say, say);
  const where = databaseUrl === null ? dataDirectory : 'the database';
  process.stdout.write(
    `${done.documents} documents restored into ${where}, as they were at ${done.createdAt}. ` +
      'The history has a new id: pages that know more keep their text and offer to merge it.\n',
  );
}
