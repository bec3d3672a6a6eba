/** A new document, with a first text: its log begins with the operations that write it. */
import { countCodePoints, insertAt, splitOperation } from '@concord/ot';
import { randomClientId, type AnyoneAccess, type DocumentId, type Limits } from '@concord/protocol';
import { notFound, Problem } from '../gateway/problem.ts';
import { DuplicateDocumentError, type LoggedOperation, type Store } from '../store/store.ts';

export interface NewDocument {
  readonly id: DocumentId;
  readonly title: string;
  readonly text: string;
  readonly anyone: AnyoneAccess;
  /** User id of the owner. */
  readonly owner: string;
}

/** Rejects with a {@link Problem} 413 `documentTooLarge`, or 404 `notFound` for an id that is somebody else's. */
export async function createDocument(
  store: Store,
  limits: Limits,
  { id, title, text, anyone, owner }: NewDocument,
): Promise<void> {
  const at = Date.now();
  const firstText = usableText(text, limits);
  const clientId = randomClientId();
  const operations: LoggedOperation[] = [];
  let rest = insertAt(0, firstText);
  while (rest.length > 0) {
    const [op, next] = splitOperation(rest, {
      components: limits.operationComponents,
      bytes: limits.operationBytes,
    });
    operations.push({ clientId, seq: operations.length + 1, author: owner, at, op });
    rest = next;
  }
  const record = {
    id,
    title: title.toWellFormed(),
    createdBy: owner,
    createdAt: at,
    updatedAt: at,
  };
  try {
    await store.documents.create(record, anyone);
  } catch (error) {
    throw error instanceof DuplicateDocumentError ? notFound() : error;
  }
  if (operations.length > 0) {
    await store.log.append({ documentId: id, firstVersion: 1, operations });
    // What is missing in the index is caught up with at the next start; the document is there.
    await store.search.put(id, operations.length, firstText).catch(() => undefined);
  }
}

/** The text as a document can hold it. Throws a {@link Problem} 413 `documentTooLarge`. */
export function usableText(text: string, { documentCodePoints }: Limits): string {
  // Lines end as editors end them: a carriage return would stay behind in the text as a character.
  const usable = text.toWellFormed().replace(/\r\n?/g, '\n');
  if (countCodePoints(usable) > documentCodePoints) throw documentTooLarge(documentCodePoints);
  return usable;
}

export function documentTooLarge(most: number): Problem {
  const detail = `A document holds at most ${most} characters.`;
  return new Problem(413, 'documentTooLarge', 'Too long', detail);
}
