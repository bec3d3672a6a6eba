/** Refuses requests of the REST API whose writer has used up what there is for them. */
import { errorOfRefusal, tooManyDocuments } from './storage-refusals.ts';
import type { Quotas, Writer } from './quotas.ts';

/** Rejects with a DocumentError `quotaExceeded`, or StoreFullError while saving is paused. */
export async function requireRoom(quotas: Quotas, writer: Writer): Promise<void> {
  await quotas.know(writer.userId);
  const refusal = quotas.refusal(writer);
  if (refusal !== null) throw errorOfRefusal(refusal);
}

/** As {@link requireRoom}, for one more document. */
export async function requireRoomForDocument(quotas: Quotas, writer: Writer): Promise<void> {
  await requireRoom(quotas, writer);
  const { documents } = quotas.limitsOf(writer.hasAccount);
  if (documents === null) return;
  const used = await quotas.usedBy(writer.userId);
  if (used.documents >= documents) throw tooManyDocuments(documents);
}
