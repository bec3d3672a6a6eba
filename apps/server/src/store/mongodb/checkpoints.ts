/** Checkpoints in MongoDB: a row each, thinned with every write. */
import { crc32 } from 'node:zlib';
import type { DocumentId } from '@concord/protocol';
import { superfluousCheckpoints } from '../core/checkpoint-spacing.ts';
import type { Checkpoint, CheckpointStore } from '../ports/store.ts';
import { tailOf } from './append.ts';
import { corruptionOf } from './batch-rows.ts';
import { decided, keyOf, type CheckpointRow } from './collections.ts';
import { queues, type Core } from './core.ts';

export function checkpoints({ rows, work }: Core): CheckpointStore {
  const table = rows.checkpoints;
  const newest = async (documentId: DocumentId, version: number): Promise<Checkpoint | null> => {
    const row = await table.findOne(
      { documentId, version: { $lte: version } },
      { ...decided, sort: { version: -1 } },
    );
    return row === null ? null : checkpointIn(row);
  };
  return {
    latest: (documentId) => work.read(() => newest(documentId, Number.MAX_SAFE_INTEGER)),
    atOrBefore: (documentId, version) => work.read(() => newest(documentId, version)),
    versions: (documentId) =>
      work.read(async () => {
        const found = await table
          .find({ documentId }, { ...decided, sort: { version: -1 }, projection: { version: 1 } })
          .toArray();
        return found.map(({ version }) => version);
      }),
    write: (documentId, checkpoint) => {
      // Before the caller's buffer can change.
      const row = checkpointRow(documentId, checkpoint);
      return work.write(queues.log(documentId), async () => {
        if ((await tailOf(rows, documentId)).isRemoved) return;
        const { _id, ...fields } = row;
        await table.replaceOne({ _id }, fields, { upsert: true });
        const kept = await table
          .find({ documentId }, { sort: { version: 1 }, projection: { version: 1, bytes: 1 } })
          .toArray();
        const gone = superfluousCheckpoints(kept);
        if (gone.length > 0) await table.deleteMany({ documentId, version: { $in: [...gone] } });
      });
    },
    discardAfter: (documentId, version) =>
      work.write(queues.log(documentId), async () => {
        await table.deleteMany({ documentId, version: { $gt: version } });
      }),
  };
}

function checksumOf(compressedText: Uint8Array, effectState: string | null): number {
  return crc32(effectState ?? '', crc32(compressedText));
}

function checkpointRow(documentId: DocumentId, checkpoint: Checkpoint): CheckpointRow {
  const { version, checksum, lengthCodePoints, effectState = null } = checkpoint;
  const compressedText = Buffer.from(checkpoint.compressedText);
  return {
    _id: keyOf(documentId, version),
    documentId,
    version,
    compressedText,
    checksum,
    lengthCodePoints,
    effectState,
    rowChecksum: checksumOf(compressedText, effectState),
    bytes: compressedText.length + Buffer.byteLength(effectState ?? ''),
  };
}

function checkpointIn(row: CheckpointRow): Checkpoint {
  const { documentId, version, compressedText, checksum, lengthCodePoints, effectState } = row;
  if (checksumOf(compressedText, effectState) !== row.rowChecksum) {
    throw corruptionOf(documentId, `the checkpoint of version ${version}`);
  }
  const text = { version, compressedText, checksum, lengthCodePoints };
  return effectState === null ? text : { ...text, effectState };
}
