/**
 * Replaces a document's text through its owner, as the operations that make the difference: what others write
 * meanwhile, or wrote since the version that the writer started from, stays.
 */
import { splitOperation, type TextOperation } from '@concord/ot';
import type { Limits } from '@concord/protocol';
import type { Asker } from '../access/permissions.ts';
import { EditRejectedError, type RunningDocument } from '../document/running-document.ts';
import { Problem } from '../gateway/problem.ts';
import { documentTooLarge, usableText } from './new-document.ts';
import type { TextDiffs } from './text-diffs.ts';

export interface Replacement {
  readonly text: string;
  /** Version of the text that the writer started from; null for the current one. */
  readonly baseVersion: number | null;
  readonly userId: string;
  readonly atMost: Asker['atMost'];
}

export interface Replaced {
  /** Of the document after the edit, or now when there was nothing to change. */
  readonly version: number;
  /** Whether the text at that version is the one that was sent; otherwise it was merged. */
  readonly isAsSent: boolean;
}

/**
 * Rejects with a {@link Problem}: 413 `documentTooLarge`, 409 `versionAhead` or `conflict`, 403 `forbidden`,
 * 503 `storeUnavailable` or `busy`.
 */
export async function replaceText(
  document: RunningDocument,
  diffs: TextDiffs,
  limits: Limits,
  { text, baseVersion, userId, atMost }: Replacement,
): Promise<Replaced> {
  const after = usableText(text, limits);
  const from = baseVersion ?? document.version;
  const base = await document.textAt(from);
  if (base === null) throw versionAhead(from);
  const operations = cut(await diffs.diff(base.toString(), after), limits);
  if (operations.length === 0) {
    return { version: document.version, isAsSent: document.version === from };
  }
  const { version } = await document
    .edit({ userId, atMost, baseVersion: from, operations })
    .catch((error: unknown) => {
      throw error instanceof EditRejectedError ? problemOf(error, limits) : error;
    });
  // One version each: any more are somebody else's.
  return { version, isAsSent: version === from + operations.length };
}

/** Into pieces that the owner takes. */
function cut(operation: TextOperation, limits: Limits): readonly TextOperation[] {
  const pieces: TextOperation[] = [];
  let rest = operation;
  while (rest.length > 0) {
    const [piece, next] = splitOperation(rest, {
      components: limits.operationComponents,
      bytes: limits.operationBytes,
    });
    pieces.push(piece);
    rest = next;
  }
  return pieces;
}

export function versionAhead(version: number): Problem {
  const detail = `The document has not reached version ${version}.`;
  return new Problem(409, 'versionAhead', 'Not yet', detail);
}

/** Anything else would be a mistake of ours. */
function problemOf(error: EditRejectedError, limits: Limits): Error {
  switch (error.code) {
    case 'documentTooLarge':
      return documentTooLarge(limits.documentCodePoints);
    case 'readOnly': {
      const detail = 'You may not change this document any more. Nothing was changed.';
      return new Problem(403, 'forbidden', 'Forbidden', detail);
    }
    case 'conflict': {
      const detail =
        'Too much was written since the version you started from. Nothing was changed; read the text again.';
      return new Problem(409, 'conflict', 'Conflict', detail);
    }
    case 'storeUnavailable': {
      const detail = 'The server cannot store changes now. Try again later.';
      return new Problem(503, 'storeUnavailable', 'Unavailable', detail, { 'retry-after': '10' });
    }
    default:
      return error;
  }
}
