/** Batches and records for the tests of stores. */
import type { AnyoneAccess, ClientId, DocumentId } from '@concord/protocol';
import type { Rename } from './core/rename.ts';
import type { Batch, DocumentRecord, FirstText, LoggedOperation } from './ports/store.ts';

export const documentId = (name: string): DocumentId => name.padEnd(22, '0') as DocumentId;
export const clientId = (name: string): ClientId => name.padEnd(22, '0') as ClientId;

/** An operation by the client; its author is `author-of-<name>`. */
export function operationBy(name: string, seq: number, text = 'x', at = 1_000): LoggedOperation {
  return { clientId: clientId(name), seq, author: `author-of-${name}`, at, op: [seq, text] };
}

/** A batch of `count` operations by one client, whose seq is the version. */
export function batchOf(
  document: DocumentId,
  firstVersion: number,
  count = 1,
  name = 'ann',
): Batch {
  const operations = Array.from({ length: count }, (_, place) =>
    operationBy(name, firstVersion + place, `text ${firstVersion + place}`, firstVersion + place),
  );
  return { documentId: document, firstVersion, operations };
}

export function recordOf(id: DocumentId, change: Partial<DocumentRecord> = {}): DocumentRecord {
  return { id, title: 'Untitled', createdBy: 'ann', createdAt: 1, updatedAt: 1, ...change };
}

/** A document that begins without a text, in no folder. */
export function emptyDocument(record: DocumentRecord, anyone: AnyoneAccess = 'off'): FirstText {
  return { record, anyone, operations: [], folder: '' };
}

/** Replaces a title, whatever it is; `change` makes a renaming of it that is merged, or known again. */
export function renameTo(title: string, change: Partial<Rename> = {}): Rename {
  return { title, base: null, renameId: null, ...change };
}
