/** A new document, with a first text: its log begins with the operations that write it. */
import { countCodePoints, insertAt, splitOperation } from '@concord/ot';
import {
  randomClientId,
  randomDocumentId,
  type AnyoneAccess,
  type DocumentId,
  type Limits,
} from '@concord/protocol';
import { Problem } from '../gateway/problem.ts';
import type { LoggedOperation, Store } from '../store/store.ts';

export interface NewDocument {
  readonly title: string;
  readonly text: string;
  readonly anyone: AnyoneAccess;
  /** User id of the owner. */
  readonly owner: string;
}

/** Rejects with a {@link Problem} 413 `documentTooLarge`. */
export async function createDocument(
  store: Store,
  limits: Limits,
  { title, text, anyone, owner }: NewDocument,
): Promise<DocumentId> {
  const at = Date.now();
  const id = randomDocumentId();
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
  await store.documents.create(record, anyone);
  if (operations.length > 0) {
    await store.log.append({ documentId: id, firstVersion: 1, operations });
    // What is missing in the index is caught up with at the next start; the document is there.
    await store.search.put(id, operations.length, firstText).catch(() => undefined);
  }
  return id;
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
