/**
 * Replaces a document's text through its owner, as the operations that make the difference: what others write
 * meanwhile, or wrote since the version that the writer started from, stays.
 */
import type { ClientId, Limits } from '@concord/protocol';
import type { Asker } from '../access/core/permissions.ts';
import type { EditCondition } from '../documents/core/document-messages.ts';
import { EditRejectedError } from '../documents/api-editor.ts';
import type { DocumentRunner } from '../documents/document-runner.ts';
import { Problem } from '../http/problem.ts';
import { changedMeanwhile, isMatch } from '../http/etags.ts';
import { costOfOperation } from '../documents/quotas/storage-cost.ts';
import { documentTooLarge, usableText } from './new-document.ts';
import type { TextDiffs } from '../documents/text-diffs.ts';
import { requireInLog, textEtag, type TextBase } from '../documents/text-tags.ts';

export interface Replacement {
  readonly text: string;
  readonly base: ReplacementBase;
  readonly userId: string;
  /** Who has what comparing the texts costs (rate-limits.ts, `bucketOwner`). */
  readonly lane: string;
  readonly atMost: Asker['atMost'];
  /** The client id of this replacement alone, when it may be sent again. */
  readonly onceAs: ClientId | null;
}

/** What the writer says of the text that is replaced. With neither, words of others are not replaced unseen. */
export interface ReplacementBase {
  /** The text the writer started from, as its tag names it: what was written since is kept. */
  readonly text: TextBase | null;
  /** The same by its version alone, which is not compared with the history. */
  readonly version: number | null;
  /** `If-Match`: nothing may have been written since one of its tags; `*` replaces whatever is there. */
  readonly match: string | null;
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
 * Rejects with a {@link Problem}: 413 `documentTooLarge`, 412 `preconditionFailed`, 428 `baseNeeded`,
 * 409 `otherHistory`, `versionAhead` or `conflict`, 403 `forbidden`, 429 `tooManyDiffs`, 503 `storeUnavailable` or `busy`.
 */
export function replaceText(
  document: DocumentRunner,
  diffs: TextDiffs,
  limits: Limits,
  replacement: Replacement,
): Promise<Replaced> {
  // The comparison takes time, in which the document must not leave memory.
  return document.whileHeld(() => replaceHeld(document, diffs, limits, replacement));
}

async function replaceHeld(
  document: DocumentRunner,
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
    throw problemOf(error, limits, await textEtag(document, document.version));
  };
  const before = await document.textAt(from).catch(explained);
  if (before === null) throw versionAhead(from);
  const operation = await diffs.diff(before.toString(), after, { lane, person: userId });
  if (operation.length === 0) {
    return { version: document.version, isAsSent: document.version === from, cost: 0 };
  }
  const edit = { userId, atMost, onceAs, condition, baseVersion: from, operations: [operation] };
  const { version, pieces } = await document.edit(edit).catch(explained);
  // One version each: any more are of others.
  return { version, isAsSent: version === from + pieces, cost: costOfOperation(operation) };
}

/** The version to start from, and what must still hold when the owner takes the edit in. */
async function startOf(
  document: DocumentRunner,
  { text, version, match }: ReplacementBase,
  userId: string,
): Promise<{ readonly from: number; readonly condition: EditCondition | undefined }> {
  const { version: now } = document;
  if (text !== null) await requireInLog(document, text);
  const from = text?.version ?? version ?? now;
  if (match !== null && match.trim() !== '*') {
    const etag = await textEtag(document, now);
    if (!isMatch(match, etag)) throw changedMeanwhile(etag);
    return { from, condition: { kind: 'unchanged', version: now } };
  }
  if (text !== null || version !== null || match !== null) return { from, condition: undefined };
  if (!(await document.isOnlyByApiOf(userId))) throw baseNeeded();
  return { from, condition: { kind: 'own', version: now } };
}

/** The answer to a replacement that is in the log already. */
async function replacedAt(
  document: DocumentRunner,
  version: number,
  text: string,
): Promise<Replaced> {
  const written = await document.textAt(version);
  return { version, isAsSent: written?.toString() === text, cost: 0 };
}

export function versionAhead(version: number): Problem {
  const detail = `The document has not reached version ${version}.`;
  return new Problem(409, 'versionAhead', 'Not yet', detail);
}

function baseNeeded(): Problem {
  const detail =
    'Others may have written since you read this text. Nothing was changed. Name the text you started from, by ?base= ' +
    'with its ETag to merge, or by If-Match with its ETag; If-Match: * replaces whatever is there.';
  return new Problem(428, 'baseNeeded', 'Precondition required', detail);
}

/** Anything else would be a mistake of ours. */
function problemOf(error: EditRejectedError, limits: Limits, etag: string): Error {
  switch (error.code) {
    case 'changedMeanwhile':
      return changedMeanwhile(etag);
    case 'othersWrote':
      return baseNeeded();
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
