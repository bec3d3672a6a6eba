/** `concord verify` of a MongoDB database, also while servers write to it. */
import type { DocumentId } from '@concord/protocol';
import { CorruptionError, type Store } from '../../store/ports/store.ts';
import type { RowChecks } from '../../store/mongodb/verify-rows.ts';
import { verifyDocument, type DocumentVerdict } from './verify.ts';

/** Attempts to find a document without faults: one that is written to meanwhile can seem to have some. */
const ATTEMPTS = 4;

/** One verdict per document, as each is done; those that were purged meanwhile are left out. */
export async function* verifyDatabase(
  store: Store,
  checks: RowChecks,
): AsyncGenerator<DocumentVerdict> {
  for (const id of await store.documents.ids()) {
    const verdict = await settled(store, checks, id);
    if (verdict !== null) yield verdict;
  }
}

async function settled(
  store: Store,
  checks: RowChecks,
  id: DocumentId,
): Promise<DocumentVerdict | null> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await store.log.headVersion(id);
    const verdict = await verifyDocument(store, id);
    const faults = [...verdict.faults, ...(await batchFaults(checks, id))];
    if (faults.length === 0) return verdict;
    if ((await store.documents.get(id)) === null) return null;
    const isStill = before === (await store.log.headVersion(id));
    if (isStill && attempt > 1) return { ...verdict, faults };
    if (attempt === ATTEMPTS) return { ...verdict, faults };
  }
}

async function batchFaults(checks: RowChecks, id: DocumentId): Promise<readonly string[]> {
  try {
    return await checks.batchFaults(id);
  } catch (error) {
    // Named by the verdict already, with its version.
    if (error instanceof CorruptionError) return [];
    throw error;
  }
}
