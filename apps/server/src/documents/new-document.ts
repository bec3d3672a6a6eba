/** A new document with a text: its log starts with the operations that insert it. */
import { countCodePoints, DocumentText, insertAt, splitOperation } from '@concord/ot';
import { randomClientId, type AnyoneAccess, type DocumentId, type Limits } from '@concord/protocol';
import { apiClientId } from './core/api-clients.ts';
import type { FirstText, LoggedOperation } from '../store/ports/store.ts';
import { DocumentError } from './document-error.ts';

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

/** The initial log of a text. Throws {@link DocumentError} `documentTooLarge`. */
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

/** What its first operations write. */
export function textOfNew({ operations }: Pick<FirstText, 'operations'>): DocumentText {
  return operations.reduce((before, { op }) => before.apply(op), DocumentText.empty);
}

/** The text as a document can hold it. Throws {@link DocumentError} `documentTooLarge`. */
export function usableText(text: string, { documentCodePoints }: Limits): string {
  // Normalises line ends: editors would treat a carriage return as a character.
  const usable = text.toWellFormed().replace(/\r\n?/g, '\n');
  if (countCodePoints(usable) > documentCodePoints) throw documentTooLarge(documentCodePoints);
  return usable;
}

export function documentTooLarge(most: number): DocumentError {
  const detail = `A document holds at most ${most} characters.`;
  return new DocumentError('documentTooLarge', detail);
}
