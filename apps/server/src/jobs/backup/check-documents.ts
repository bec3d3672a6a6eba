/** That what was copied into a store is what was written: every batch, every checkpoint. */
import { readLog, textOfCheckpoint } from '../../documents/open-document.ts';
import type { Store } from '../../store/ports/store.ts';
import { BackupError } from './backup-format.ts';

/** Resolves to the number of documents. Rejects with CorruptionError or {@link BackupError}. */
export async function checkDocuments(store: Store): Promise<number> {
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
