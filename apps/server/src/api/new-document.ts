/** A new document, with a first text: its log begins with the operations that write it. */
import { countCodePoints, DocumentText, insertAt, splitOperation } from '@concord/ot';
import { randomClientId, type AnyoneAccess, type DocumentId, type Limits } from '@concord/protocol';
import { apiClientId } from '../documents/core/api-clients.ts';
import type { DomainEvents } from '../platform/domain-events.ts';
import { notFound, Problem } from '../http/problem.ts';
import {
  DuplicateDocumentError,
  type FirstText,
  type LoggedOperation,
  type Store,
} from '../store/ports/store.ts';

/** Characters of a text that is found as soon as it is created; a longer one within a minute. */
const INDEXED_AT_ONCE = 64 * 1024;

export interface NewDocument {
  readonly id: DocumentId;
  readonly title: string;
  readonly text: string;
  readonly anyone: AnyoneAccess;
  /** User id of the owner. */
  readonly owner: string;
  /** Personal, of the owner; empty for none. */
  readonly folder: string;
}

/** The log of a text that begins. Throws a {@link Problem} 413 `documentTooLarge`. */
export function firstText(
  limits: Limits,
  { id, title, text, anyone, owner, folder }: NewDocument,
): FirstText {
  const at = Date.now();
  const clientId = apiClientId(randomClientId());
  const operations: LoggedOperation[] = [];
  let rest = insertAt(0, usableText(text, limits));
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
  return { record, anyone, operations, folder };
}

/** Rejects with a {@link Problem} 404 `notFound` for an id that is somebody else's. */
export async function createDocument(
  store: Store,
  events: DomainEvents,
  first: FirstText,
): Promise<void> {
  await store.documents.createWithText(first).catch((error: unknown) => {
    throw error instanceof DuplicateDocumentError ? notFound() : error;
  });
  const { record, operations } = first;
  const written = operations.reduce((before, { op }) => before.apply(op), DocumentText.empty);
  const text = written.lengthCodePoints > INDEXED_AT_ONCE ? null : written.toString();
  const version = operations.length;
  await events.publish({ type: 'documentCreated', documentId: record.id, version, text });
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
