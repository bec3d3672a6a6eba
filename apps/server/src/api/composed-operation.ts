/**
 * What happened to a document between two versions, as one operation: for clients that were away for long, to move
 * their edits over what people did instead of over the difference of two texts (protocol.md rule 6).
 */
import { setImmediate } from 'node:timers/promises';
import { composeAll, type TextOperation } from '@concord/ot';
import type { DocumentId } from '@concord/protocol';
import { Problem } from '../gateway/problem.ts';
import type { Store } from '../store/store.ts';

/** Read and composed at a time: some milliseconds, between which everybody else is served. */
const READ_OPERATIONS = 1_000;
/** Some seconds of work; whoever is further behind does with the texts. */
const RANGE_MAX = 500_000;

/**
 * The operation that leads from the text at version `after` to the one at `through`.
 * Rejects with a {@link Problem} 409 `versionAhead` for a version that is not in the log, and 422 `rangeTooLong`.
 */
export async function composedOperation(
  { log }: Pick<Store, 'log'>,
  id: DocumentId,
  after: number,
  through: number,
): Promise<TextOperation> {
  if (through - after > RANGE_MAX) {
    const detail = `At most ${RANGE_MAX} versions can be asked for at once.`;
    throw new Problem(422, 'rangeTooLong', 'Range too long', detail);
  }
  const parts: TextOperation[] = [];
  for (let version = after; version < through;) {
    const limit = Math.min(READ_OPERATIONS, through - version);
    const operations = await log.read(id, version, limit);
    if (operations.length === 0) {
      const detail = `The document is not at version ${through} yet.`;
      throw new Problem(409, 'versionAhead', 'Version ahead', detail);
    }
    parts.push(composeAll(operations.map(({ op }) => op)));
    version += operations.length;
    await setImmediate();
  }
  return composeAll(parts);
}
