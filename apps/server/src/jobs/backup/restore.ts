/** Makes a data directory out of a backup: checked before, checked after, and only then in its place. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readLog, textOfCheckpoint } from '../../documents/open-document.ts';
import { companionsOf } from '../../store/sqlite/files/data-files.ts';
import { syncDirectory } from '../../store/sqlite/files/small-files.ts';
import { createFromRows } from '../../store/sqlite/create-from-rows.ts';
import { DATABASE_FILE } from '../../store/sqlite/open-database.ts';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.ts';
import type { Store } from '../../store/ports/store.ts';
import { BackupError } from './backup-format.ts';
import { readBackup } from './backup-reader.ts';

const RESTORING_DIRECTORY = 'restoring';

export interface Restored {
  readonly rows: number;
  readonly documents: number;
  readonly createdAt: string;
}

/**
 * @param dataDirectory must not hold a database
 * @param progress told how far it is, in words
 */
export async function restore(
  file: string,
  dataDirectory: string,
  progress: (words: string) => void = () => {},
): Promise<Restored> {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const taken = readdirSync(dataDirectory).filter((name) => name.startsWith(DATABASE_FILE));
  if (taken.length > 0) {
    throw new BackupError(
      `The data directory ${dataDirectory} is not empty (${taken.join(', ')}): stop the server, move it away, and ` +
        'restore again; or name another directory with CONCORD_DATA.',
    );
  }
  const { header, rows } = await readBackup(file);
  progress(`${file} is whole: ${rows} rows, made ${header.createdAt}`);
  const building = join(dataDirectory, RESTORING_DIRECTORY);
  rmSync(building, { recursive: true, force: true });
  mkdirSync(building, { mode: 0o700 });
  try {
    const creation = createFromRows(join(building, DATABASE_FILE), header.schema);
    try {
      await readBackup(file, {
        row: (table, values) => creation.insert(table.table, table.columns, values),
      });
      creation.finish();
    } finally {
      creation.close();
    }
    progress('all rows are written; checking every document');
    const store = await openSqliteStore(building);
    const documents = await checkDocuments(store).finally(() => store.close());
    putInPlace(building, dataDirectory);
    return { rows, documents, createdAt: header.createdAt };
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

/** Every batch and every checkpoint is what was written. Rejects with CorruptionError. */
async function checkDocuments(store: Store): Promise<number> {
  const ids = await store.documents.ids();
  for (const id of ids) {
    const [newest = 0, ...older] = await store.checkpoints.versions(id);
    for (const kept of [newest, ...older]) {
      const checkpoint = await store.checkpoints.atOrBefore(id, kept);
      if (checkpoint !== null) await textOfCheckpoint(id, checkpoint);
    }
    let version = 0;
    for await (const operations of readLog(store.log, id, 0)) version += operations.length;
    if (version < newest || version !== (await store.log.headVersion(id))) {
      throw new BackupError(`The log of document ${id} is not complete in the backup.`);
    }
  }
  return ids.length;
}

/** The database last: without it, what lies there is refused rather than taken for a new directory. */
function putInPlace(building: string, dataDirectory: string): void {
  const database = join(building, DATABASE_FILE);
  const { sums, mark } = companionsOf(database);
  for (const path of [sums, mark, database].filter((each) => existsSync(each))) {
    renameSync(path, join(dataDirectory, basename(path)));
  }
  syncDirectory(dataDirectory);
}
