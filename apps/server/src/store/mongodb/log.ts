/** The operation log in MongoDB. */
import type { DocumentId } from '@concord/protocol';
import type { EpochStart, LoggedOperation, OperationLog } from '../ports/store.ts';
import type { Appends } from './append.ts';
import { tailOf } from './append.ts';
import { corruptionOf, operationsIn } from './batch-rows.ts';
import { decided } from './collections.ts';
import { queues, type Core } from './core.ts';

/** The fields of a row that a read needs. */
const stored = { documentId: 1, firstVersion: 1, lastVersion: 1, payload: 1, checksum: 1 } as const;

export function operationLog({ rows, work }: Core, appends: Appends): OperationLog {
  const { batches } = rows;
  const read = async (
    documentId: DocumentId,
    afterVersion: number,
    limit: number,
  ): Promise<readonly LoggedOperation[]> => {
    if (limit <= 0) return [];
    const first = afterVersion + 1;
    // The row that holds the version, and those behind it: only first versions are indexed.
    const holding = await batches.findOne(
      { documentId, firstVersion: { $lte: first } },
      { ...decided, sort: { firstVersion: -1 }, projection: { lastVersion: 1, firstVersion: 1 } },
    );
    if (holding === null || holding.lastVersion < first) return [];
    const found = await batches
      .find(
        {
          documentId,
          firstVersion: { $gte: holding.firstVersion, $lte: afterVersion + limit },
          isRemoved: false,
        },
        { ...decided, sort: { firstVersion: 1 }, projection: stored },
      )
      .toArray();
    const { firstVersion, operations } = operationsIn(documentId, found, first);
    return operations.slice(first - firstVersion, first - firstVersion + limit);
  };
  return {
    append: (batch) => work.write(queues.log(batch.documentId), () => appends.append(batch)),
    epoch: (documentId) => work.read(async () => (await tailOf(rows, documentId)).epoch),
    headVersion: (documentId) => work.read(async () => (await tailOf(rows, documentId)).head),
    epochs: (documentId) =>
      work.read(async () => {
        const starts: EpochStart[] = [];
        const all = batches.find(
          { documentId, isRemoved: false },
          { ...decided, sort: { firstVersion: 1 }, projection: { firstVersion: 1, epoch: 1 } },
        );
        for await (const { firstVersion, epoch } of all) {
          if (starts.at(-1)?.epoch !== epoch) starts.push({ version: firstVersion, epoch });
        }
        return starts;
      }),
    read: (documentId, afterVersion, limit) =>
      work.read(() => read(documentId, afterVersion, limit)),
    positionOf: (documentId, clientId, author) =>
      work.read(async () => {
        const row = await batches.findOne(
          { documentId, clients: { $elemMatch: { clientId, author } } },
          { ...decided, sort: { firstVersion: -1 } },
        );
        const last = row?.clients.find((each) => each.clientId === clientId && each.author === author); // prettier-ignore
        if (row === null || last === undefined) return null;
        const { seq, version } = last;
        const operation = operationsIn(documentId, [row], row.firstVersion).operations[
          version - row.firstVersion
        ];
        const isSame = operation?.clientId === clientId && operation.author === author;
        if (!isSame || operation.seq !== seq) {
          throw corruptionOf(
            documentId,
            `the position of client ${clientId} at version ${version}`,
          );
        }
        return { seq, version };
      }),
    isOnlyBy: (documentId, author, clientIdPrefix) =>
      work.read(async () => {
        // Ids are of letters and digits, but a prefix is compared, never understood as a pattern.
        const end = `${clientIdPrefix}\u{10ffff}`;
        const other = await batches.findOne(
          {
            documentId,
            $or: [
              { clients: { $elemMatch: { author: { $ne: author } } } },
              { 'clients.clientId': { $lt: clientIdPrefix } },
              { 'clients.clientId': { $gt: end } },
            ],
          },
          { ...decided, projection: { _id: 1 } },
        );
        return other === null;
      }),
  };
}
