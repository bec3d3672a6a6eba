/** `concord verify`: rebuilds every document from its log and compares it with its checkpoint (I3, I4, I6). */
import { DocumentText } from '@concord/ot';
import { effectTypes, type ClientId, type DocumentId } from '@concord/protocol';
import { effectStateOf, readLog, textOfCheckpoint } from '../../documents/open-document.ts';
import { CorruptionError, type Store } from '../../store/ports/store.ts';

export interface DocumentVerdict {
  readonly documentId: DocumentId;
  readonly version: number;
  readonly lengthCodePoints: number;
  /** `textChecksum` of the rebuilt text. */
  readonly checksum: number;
  /** What is wrong, each in one sentence; empty for a sound document. */
  readonly faults: readonly string[];
}

/** One verdict per document, as each is done. Rejects with StoreError when the store cannot be read. */
export async function* verifyStore(store: Store): AsyncGenerator<DocumentVerdict> {
  for (const documentId of await store.documents.ids()) yield verifyDocument(store, documentId);
}

export async function verifyDocument(
  store: Store,
  documentId: DocumentId,
): Promise<DocumentVerdict> {
  const faults: string[] = [];
  const lastSeq = new Map<string, number>();
  let text = DocumentText.empty;
  let effectState = effectTypes.initial;
  let version = 0;
  try {
    const kept = new Set(await store.checkpoints.versions(documentId));
    const compare = async (): Promise<void> => {
      if (!kept.has(version)) return;
      const checkpoint = await store.checkpoints.atOrBefore(documentId, version);
      if (checkpoint === null) return;
      const found = await textOfCheckpoint(documentId, checkpoint);
      if (found.toString() !== text.toString()) {
        faults.push(`The checkpoint at version ${version} differs from the log.`);
      }
      if (JSON.stringify(effectStateOf(checkpoint)) !== JSON.stringify(effectState)) {
        faults.push(`The effects in the checkpoint at version ${version} differ from the log.`);
      }
    };
    await compare();
    for await (const operations of readLog(store.log, documentId, 0)) {
      for (const { clientId, author, seq, op, effects } of operations) {
        version += 1;
        const before = lastSeq.get(`${clientId} ${author}`) ?? 0;
        if (seq <= before) {
          faults.push(`Version ${version}: change ${seq} of client ${clientId} follows ${before}.`);
        }
        lastSeq.set(`${clientId} ${author}`, seq);
        text = text.apply(op);
        effectState = effectTypes.apply(effectState, op, effects);
        await compare();
      }
    }
    for (const [client, seq] of lastSeq) {
      const [clientId = '', author = ''] = client.split(' ');
      const position = await store.log.positionOf(documentId, clientId as ClientId, author);
      if (position?.seq !== seq) {
        faults.push(`The log ends for client ${clientId} at change ${seq}, its position says ${position?.seq ?? 'nothing'}.`); // prettier-ignore
      }
    }
    const head = await store.log.headVersion(documentId);
    if (head !== version) faults.push(`The log ends at ${version}, but its head says ${head}.`);
    faults.push(...(await epochFaults(store, documentId)));
    for (const beyond of [...kept].filter((each) => each > version)) {
      faults.push(`A checkpoint is of version ${beyond}, the log ends at ${version}.`);
    }
  } catch (error) {
    if (!(error instanceof CorruptionError) && !(error instanceof RangeError)) {
      const isApplyFault = error instanceof Error && 'code' in error;
      if (!isApplyFault || error.code !== 'operationOutOfRange') throw error;
    }
    faults.push(`Version ${version}: ${error.message}`);
  }
  const { lengthCodePoints, checksum } = text;
  return { documentId, version, lengthCodePoints, checksum, faults };
}

/** Epochs never fall along a log, or two owners wrote it at once; the newest is the one that appends are checked against. */
async function epochFaults({ log }: Store, documentId: DocumentId): Promise<readonly string[]> {
  const faults: string[] = [];
  let newest = 0;
  for (const { version, epoch } of await log.epochs(documentId)) {
    if (epoch < newest) {
      faults.push(`Version ${version}: written by an owner of epoch ${epoch}, after one of epoch ${newest}.`); // prettier-ignore
    }
    newest = epoch;
  }
  const known = await log.epoch(documentId);
  if (known !== newest) {
    faults.push(`The log ends with epoch ${newest}, but appends are checked against ${known}.`);
  }
  return faults;
}
