/** `concord backup` and `concord restore`, as a person runs them. */
import { resolve } from 'node:path';
import type { Config } from '../platform/config.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import { backUp, type Backup, type BackupProgress } from '../jobs/backup/back-up.ts';
import { orderBackup } from '../jobs/control.ts';
import { restore } from '../jobs/backup/restore.ts';

/** A line of progress at most so often. */
const SAY_MS = 1_000;

/** Through the server when one runs, else directly. Rejects with BackupError, OrderError or StoreOpenError. */
export async function backupCommand({ dataDirectory }: Config, file: string): Promise<void> {
  const target = resolve(file);
  let saidAt = performance.now();
  const progress = ({ rows, bytes, table }: BackupProgress): void => {
    if (performance.now() - saidAt < SAY_MS) return;
    saidAt = performance.now();
    process.stderr.write(`${rows} rows, ${bytes} bytes, in ${table}\n`);
  };
  const made =
    (await orderBackup(dataDirectory, target, progress)) ??
    (await withoutServer(dataDirectory, target, progress));
  process.stdout.write(
    `${made.file}: ${made.rows} rows, ${made.bytes} bytes, SHA-256 of its content ${made.sha256}\n`,
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
    const made = await backUp(dataDirectory, file, progress);
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

export async function restoreCommand({ dataDirectory }: Config, file: string): Promise<void> {
  const done = await restore(resolve(file), dataDirectory, (words) =>
    process.stderr.write(`${words}\n`),
  );
  process.stdout.write(
    `${done.documents} documents restored into ${dataDirectory}, as they were at ${done.createdAt}. ` +
      'The history has a new id: pages that know more keep their text and offer to merge it.\n',
  );
}
