/** What the client reads of the ordered stream of committed operations. */
import type { Change } from '@concord/ot';
import type { CommittedOperation, OperationIdentity } from '@concord/protocol';

/**
 * Others' changes from a place on. While catching up, they are composed and transformed as one: that costs about the size
 * of the edits instead of their product. It is exact, for what is committed stays left (docs/protocol.md, Sides).
 *
 * @returns the first, and while catching up those that follow it up to an own one
 */
export function runOfOthers(
  operations: readonly CommittedOperation[],
  from: number,
  isCatchingUp: boolean,
  client: { isOwn(clientId: string, author: string): boolean },
): Change[] {
  const run: Change[] = [];
  for (let place = from; place < operations.length; place++) {
    const committed = operations[place] as CommittedOperation;
    const { op, clientId, author } = committed;
    const isNext = place === from || (isCatchingUp && !client.isOwn(clientId, author));
    if (op === undefined || !isNext) break;
    run.push(committed as Change);
  }
  return run;
}

/** Which operation of the log it is. */
export const identityOf = ({ clientId, seq, at }: CommittedOperation): OperationIdentity => ({
  clientId,
  seq,
  at,
});
