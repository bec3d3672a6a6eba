/** The operation log and the checkpoints, in memory. */
import type { DocumentId } from '@concord/protocol';
import { superfluousCheckpoints } from '../core/checkpoint-spacing.ts';
import {
  DuplicateBatchError,
  FencedError,
  StoreError,
  type Batch,
  type CheckpointStore,
  type OperationLog,
} from '../ports/store.ts';
import type { Boundary } from './boundary.ts';
import type { MemoryState } from './memory-state.ts';

export function operationLog(state: MemoryState, { read, write }: Boundary): OperationLog {
  return {
    append: write('log.append', (batch) => append(state, batch)),
    headVersion: read((documentId) => state.headVersion(documentId)),
    epoch: read((documentId) => newestEpochOf(state, documentId)),
    epochs: read((documentId) => state.ownerEpochs.get(documentId) ?? []),
    read: read((documentId, afterVersion, limit) =>
      (state.logs.get(documentId) ?? []).slice(afterVersion, afterVersion + limit),
    ),
    positionOf: read((documentId, clientId, author) => {
      const operations = state.logs.get(documentId) ?? [];
      const place = operations.findLastIndex(
        (operation) => operation.clientId === clientId && operation.author === author,
      );
      const operation = operations[place];
      return operation === undefined ? null : { seq: operation.seq, version: place + 1 };
    }),
    isOnlyBy: read((documentId, author, clientIdPrefix) =>
      (state.logs.get(documentId) ?? []).every(
        (operation) => operation.author === author && operation.clientId.startsWith(clientIdPrefix),
      ),
    ),
  };
}

function newestEpochOf(state: MemoryState, documentId: DocumentId): number {
  return state.ownerEpochs.get(documentId)?.at(-1)?.epoch ?? 0;
}

/** Within a write. */
export function append(state: MemoryState, batch: Batch): void {
  const { documentId, firstVersion, epoch = 0, operations } = batch;
  const last = operations.at(-1);
  if (last === undefined) throw new StoreError('A batch needs at least one operation.', false);
  if (state.removedDocuments.has(documentId)) {
    throw new DuplicateBatchError(`Document ${documentId} was deleted permanently.`);
  }
  const head = state.headVersion(documentId);
  if (firstVersion !== head + 1) {
    throw new DuplicateBatchError(
      `Version ${firstVersion} of document ${documentId} is not next: the log is at version ${head}.`,
    );
  }
  const newestEpoch = newestEpochOf(state, documentId);
  if (epoch < newestEpoch) {
    throw new FencedError(
      `Document ${documentId} was taken over: the log is at epoch ${newestEpoch}, the append is of ${epoch}.`,
    );
  }
  const log = state.logs.get(documentId) ?? [];
  if (head === 0) state.logs.set(documentId, log);
  state.journal.changed(() => (log.length = head));
  for (const operation of operations) log.push(operation);
  if (head === 0 || epoch !== newestEpoch) {
    const former = state.ownerEpochs.get(documentId) ?? [];
    state.ownerEpochs.set(documentId, [...former, { version: firstVersion, epoch }]);
  }
  state.changeDocument(documentId, ({ stored }) => ({ stored: { ...stored, updatedAt: last.at } }));
}

export function checkpoints(state: MemoryState, { read, write }: Boundary): CheckpointStore {
  const of = (documentId: DocumentId) => state.checkpoints.get(documentId) ?? [];
  return {
    latest: read((documentId) => of(documentId).at(-1) ?? null),
    atOrBefore: read(
      (documentId, version) => of(documentId).findLast((each) => each.version <= version) ?? null,
    ),
    versions: read((documentId) => of(documentId).map(({ version }) => version).reverse()), // prettier-ignore
    write: write('checkpoints.write', (documentId, given) => {
      if (state.removedDocuments.has(documentId)) return;
      // Compressed bytes are often a view into a larger buffer.
      const checkpoint = { ...given, compressedText: new Uint8Array(given.compressedText) };
      const others = of(documentId).filter(({ version }) => version !== checkpoint.version);
      const kept = [...others, checkpoint].sort((one, other) => one.version - other.version);
      const gone = new Set(
        superfluousCheckpoints(
          kept.map(({ version, compressedText, effectState = '' }) => ({
            version,
            bytes: compressedText.length + Buffer.byteLength(effectState),
          })),
        ),
      );
      state.checkpoints.set(
        documentId,
        kept.filter(({ version }) => !gone.has(version)),
      );
    }),
    discardAfter: write('checkpoints.discardAfter', (documentId, after) => {
      const kept = of(documentId).filter(({ version }) => version <= after);
      if (kept.length < of(documentId).length) state.checkpoints.set(documentId, kept);
    }),
  };
}
