/**
 * Replaces a document's text through its owner, by the operations of the difference. Concurrent edits, and those since
 * the base version, are kept (merged).
 */
import type { ClientId, Limits } from '@concord/protocol';
import type { Asker } from '../access/core/permissions.ts';
import type { EditCondition } from './core/document-messages.ts';
import { EditRejectedError } from './api-editor.ts';
import { DocumentError, TextChangedError } from './document-error.ts';
import type { DocumentHandle } from './document-handle.ts';
import { costOfOperation } from './quotas/storage-cost.ts';
import { documentTooLarge, usableText } from './new-document.ts';
import type { TextDiffs } from './text-diffs.ts';
import { requireInLog, textEtag, type TextBase } from './text-tags.ts';

export interface Replacement {
  readonly text: string;
  readonly base: ReplacementBase;
  readonly userId: string;
  /** Who has what comparing the texts costs (http/rate-limits.ts, `bucketOwner`). */
  readonly lane: string;
  readonly atMost: Asker['atMost'];
  /** A client id used only for this replacement, so that a repeated request is committed once. */
  readonly onceAs: ClientId | null;
}

/** Precondition on the replaced text. Without one, edits by others are never overwritten. */
export interface ReplacementBase {
  /** The text the writer started from, as its tag names it: what was written since is kept. */
  readonly text: TextBase | null;
  /** The same by its version alone, which is not compared with the history. */
  readonly version: number | null;
  /** Whether the tag of the text that there is, is one that the writer read; `any` replaces whatever is there. */
  readonly match: 'any' | ((tag: string) => boolean) | null;
}

export interface Replaced {
  /** Of the document after the edit, or now when there was nothing to change. */
  readonly version: number;
  /** Whether the text at that version is the one that was sent; otherwise it was merged. */
  readonly isAsSent: boolean;
  /** What it costs on the disk, about, in bytes; 0 when nothing was written by this request. */
  readonly cost: number;
}

/**
 * Rejects with a {@link DocumentError}: `documentTooLarge`, `changedMeanwhile`, `baseNeeded`, `otherHistory`,
 * `versionAhead`, `conflict`, `editForbidden`, `tooManyDiffs`, `diffsBusy` or `editsPaused`.
 */
export function replaceText(
  document: DocumentHandle,
  diffs: TextDiffs,
  limits: Limits,
  replacement: Replacement,
): Promise<Replaced> {
  // The comparison takes time, in which the document must not leave memory.
  return document.whileHeld(() => replaceHeld(document, diffs, limits, replacement));
}

async function replaceHeld(
  document: DocumentHandle,
  diffs: TextDiffs,
  limits: Limits,
  { text, base, userId, lane, atMost, onceAs }: Replacement,
): Promise<Replaced> {
  const after = usableText(text, limits);
  const done = onceAs === null ? null : await document.committed(onceAs, userId);
  if (done !== null) return replacedAt(document, done.version, after);
  const { from, condition } = await startOf(document, base, userId);
  const explained = async (error: unknown): Promise<never> => {
    if (!(error instanceof EditRejectedError)) throw error;
    throw errorOf(error, limits, await textEtag(document, await document.version()));
  };
  const before = await document.textAt(from).catch(explained);
  if (before === null) throw versionAhead(from);
  const operation = await diffs.diff(before.toString(), after, { lane, person: userId });
  if (operation.length === 0) {
    const version = await document.version();
    return { version, isAsSent: version === from, cost: 0 };
  }
  const edit = { userId, atMost, onceAs, condition, baseVersion: from, operations: [operation] };
  const { version, pieces } = await document.edit(edit).catch(explained);
  // Each piece has one version: a larger difference means edits by others.
  return { version, isAsSent: version === from + pieces, cost: costOfOperation(operation) };
}

/** The version to start from, and what must still hold when the owner takes the edit in. */
async function startOf(
  document: DocumentHandle,
  { text, version, match }: ReplacementBase,
  userId: string,
): Promise<{ readonly from: number; readonly condition: EditCondition | undefined }> {
  const now = await document.version();
  if (text !== null) await requireInLog(document, text);
  const from = text?.version ?? version ?? now;
  if (match !== null && match !== 'any') {
    const etag = await textEtag(document, now);
    if (!match(etag)) throw new TextChangedError(etag);
    return { from, condition: { kind: 'unchanged', version: now } };
  }
  if (text !== null || version !== null || match !== null) return { from, condition: undefined };
  if (!(await document.isOnlyByApiOf(userId))) throw baseNeeded();
  return { from, condition: { kind: 'own', version: now } };
}

/** The answer to a replacement that is in the log already. */
async function replacedAt(
  document: DocumentHandle,
  version: number,
  text: string,
): Promise<Replaced> {
  const written = await document.textAt(version);
  return { version, isAsSent: written?.toString() === text, cost: 0 };
}

export function versionAhead(version: number): DocumentError {
  const detail = `The document has not reached version ${version}.`;
  return new DocumentError('versionAhead', detail);
}

function baseNeeded(): DocumentError {
  const detail =
    'Others may have written since you read this text. Nothing was changed. Name the text you started from, by ?base= ' +
    'with its ETag to merge, or by If-Match with its ETag; If-Match: * replaces whatever is there.';
  return new DocumentError('baseNeeded', detail);
}

/** Maps the rejections that are expected; any other would be a bug. */
function errorOf(error: EditRejectedError, limits: Limits, etag: string): Error {
  switch (error.code) {
    case 'changedMeanwhile':
      return new TextChangedError(etag);
    case 'othersWrote':
      return baseNeeded();
    case 'documentTooLarge':
      return documentTooLarge(limits.documentCodePoints);
    case 'readOnly': {
      const detail = 'You may not change this document any more. Nothing was changed.';
      return new DocumentError('editForbidden', detail);
    }
    case 'conflict': {
      const detail =
        'Too much was written since the version you started from. Nothing was changed; read the text again.';
      return new DocumentError('conflict', detail);
    }
    case 'storeUnavailable': {
      const detail = 'The server cannot store changes now. Try again later.';
      return new DocumentError('editsPaused', detail, { retryAfterSeconds: 10 });
    }
    default:
      return error;
  }
}
