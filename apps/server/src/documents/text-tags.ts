/**
 * Entity tags of texts. A version alone does not name a text: after an older backup was restored, the same version may
 * be another one. So a tag is the version and the operation that produced it, like `concord-head`; two logs that agree
 * in one operation agree in all before it (docs/protocol.md, "Another history").
 */
import { formatHead, parseHead, type Head } from '@concord/protocol';
import { z } from 'zod';
import type { DocumentHandle } from './document-handle.ts';
import { DocumentError } from './document-error.ts';

/** Version 0 is the empty text, which no operation produced: it belongs to every history. */
const EMPTY = '0';

/** Of the text at a durable version. Rejects with StoreError or CorruptionError. */
export async function textEtag(
  document: Pick<DocumentHandle, 'operationAt'>,
  version: number,
): Promise<string> {
  const operation = await document.operationAt(version);
  return `"${operation === null ? version : formatHead({ version, ...operation })}"`;
}

/** The text that a tag names. */
export type TextBase = Head | { readonly version: 0 };

/** A tag in a query string, with its quotes or without. */
export const textBaseSchema = z
  .string()
  .regex(/^"?(0|\d{1,15}\.[a-z2-7]{26}\.\d{1,15}\.\d{1,15})"?$/, 'is no ETag of a text')
  .transform((tag, context): TextBase => {
    const bare = tag.replaceAll('"', '');
    if (bare === EMPTY) return { version: 0 };
    const head = parseHead(bare);
    if (head === null) context.addIssue('is no ETag of a text');
    return head ?? z.NEVER;
  });

/** Rejects with a {@link DocumentError} `otherHistory` when the log does not have the text that is named. */
export async function requireInLog(
  document: Pick<DocumentHandle, 'isInLog'>,
  base: TextBase,
): Promise<void> {
  if (base.version === 0 || ('clientId' in base && (await document.isInLog(base)))) return;
  throw otherHistory();
}

export function otherHistory(): DocumentError {
  const detail =
    'The server was restored from a backup, and the text you have belongs to its former history. Nothing was changed.';
  return new DocumentError('otherHistory', detail);
}
