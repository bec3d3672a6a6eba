/** Makes a data directory out of a backup: checked before, checked after, and only then in its place. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createFromRows } from '../../store/sqlite/create-from-rows.ts';
import { DATABASE_FILE, RESTORING_DIRECTORY } from '../../store/sqlite/open-database.ts';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.ts';
import {
  BuildingDatabase,
  databaseFilesIn,
  putInPlace,
} from '../../store/sqlite/transfer/building-database.ts';
import { BackupError, type BackupHeader } from './backup-format.ts';
import { checkBackup, explained, readRecords, type ReadBackup } from './backup-reader.ts';
import { checkDocuments } from './check-documents.ts';
import { readTables } from './tables-format.ts';

export interface Restored {
  readonly rows: number;
  readonly documents: number;
  readonly createdAt: string;
}

/** Told how far it is, in words. */
export type SayProgress = (words: string) => void;

/** @param dataDirectory must not hold a database */
export async function restore(
  file: string,
  dataDirectory: string,
  progress: SayProgress = () => {},
): Promise<Restored> {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const taken = databaseFilesIn(dataDirectory);
  if (taken.length > 0) {
    throw new BackupError(
      `The data directory ${dataDirectory} is not empty (${taken.join(', ')}): stop the server, move it away, and ` +
        'restore again; or name another directory with CONCORD_DATA.',
    );
  }
  const { header, rows } = await wholeBackup(file, progress);
  const building = join(dataDirectory, RESTORING_DIRECTORY);
  rmSync(building, { recursive: true, force: true });
  try {
    await fill(file, header, building);
    progress('All records are written. Checking every document');
    const store = await openSqliteStore(building);
    const documents = await checkDocuments(store).finally(() => store.close());
    putInPlace(building, dataDirectory);
    return { rows, documents, createdAt: header.createdAt };
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

/** Reads all of it. Rejects with {@link BackupError} when it is not whole. */
export async function wholeBackup(file: string, progress: SayProgress): Promise<ReadBackup> {
  const read = await checkBackup(file);
  const { createdAt, isSnapshot } = read.header;
  const moment = isSnapshot ? '' : ', each document as it was at some moment of the backup';
  progress(`${file} is whole: ${read.rows} records, made ${createdAt}${moment}`);
  return read;
}

/** Makes a database of a backup in a directory. Its history has a new id. */
export async function fill(file: string, header: BackupHeader, directory: string): Promise<void> {
  if (header.version === 1) return fillWithTables(file, header, directory);
  const building = new BuildingDatabase(directory);
  try {
    await readRecords(file, async (...page) => building.write(...page));
    building.complete(randomUUID());
  } finally {
    building.close();
  }
}

async function fillWithTables(
  file: string,
  { schema = 1 }: BackupHeader,
  directory: string,
): Promise<void> {
  mkdirSync(directory, { mode: 0o700 });
  const creation = createFromRows(join(directory, DATABASE_FILE), schema);
  try {
    await explained(file, () =>
      readTables(file, ({ table, columns }, values) => creation.insert(table, columns, values)),
    );
    creation.finish();
  } finally {
    creation.close();
  }
}
