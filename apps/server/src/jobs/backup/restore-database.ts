/** Fills an empty MongoDB database out of a backup: checked before, checked after, and only then open to servers. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMongoStore } from '../../store/mongodb/mongo-store.ts';
import {
  openBuildingCollections,
  type BuildingCollections,
} from '../../store/mongodb/transfer/building-collections.ts';
import { openReadingDatabase } from '../../store/sqlite/open-database.ts';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.ts';
import { sqliteSource } from '../../store/sqlite/transfer/sqlite-source.ts';
import { copyStore } from '../../store/transfer/copy.ts';
import type { BackupHeader } from './backup-format.ts';
import { readRecords } from './backup-reader.ts';
import { checkDocuments } from './check-documents.ts';
import { fill, wholeBackup, type Restored, type SayProgress } from './restore.ts';

/** Of every restore: one that was interrupted is begun anew by the next. */
const ORIGIN = 'a backup';

/** Rejects with BackupError or `DatabaseOpenError`, and leaves the database as empty as it was. */
export async function restoreDatabase(
  file: string,
  url: string,
  progress: SayProgress,
  warn: (message: string) => void,
): Promise<Restored> {
  const { header, rows } = await wholeBackup(file, progress);
  const target = await openBuildingCollections(url, { origin: ORIGIN, isResumable: false, warn });
  try {
    await fillCollections(file, header, target);
    progress('All records are written. Checking every document');
    const store = await openMongoStore(url, { isBeingFilled: true });
    const documents = await checkDocuments(store).finally(() => store.close());
    await target.complete(randomUUID());
    return { rows, documents, createdAt: header.createdAt };
  } catch (error) {
    // A database that does not answer is still marked as incomplete, and refused.
    await target.abandon().catch(() => {});
    throw error;
  } finally {
    await target.close();
  }
}

async function fillCollections(
  file: string,
  header: BackupHeader,
  target: BuildingCollections,
): Promise<void> {
  if (header.version > 1) {
    await readRecords(file, (section, records) => target.write(section, records));
    return;
  }
  // Tables of SQLite, which only SQLite can bring to the present version.
  const directory = mkdtempSync(join(tmpdir(), 'concord-restore-'));
  try {
    const files = join(directory, 'data');
    await fill(file, header, files);
    const store = await openSqliteStore(files);
    const { connection, historyId, close } = openReadingDatabase(files);
    try {
      await copyStore(sqliteSource(connection, historyId), target);
    } finally {
      close();
      await store.close();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
