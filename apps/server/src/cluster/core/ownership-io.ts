/** What the ownership of documents takes in and asks for (ownership-table.ts). */
import type { AppendOutcome } from '../../store/core/append-attempt.ts';
import type { OwnershipRow } from '../../store/ports/cluster-store.ts';
import type { Member } from './rendezvous.ts';

/** Asked of the database. Each is answered once, or never: a request without an answer ends with the lease. */
export type OwnershipQuestion =
  /** What a majority has; `neverOwned` for no row. */
  | { readonly type: 'readRow' }
  /** Writes the row, by a majority, where it has this epoch and owner (a row that does not exist has `neverOwned`'s). */
  | {
      readonly type: 'swapRow';
      readonly expected: Pick<OwnershipRow, 'epoch' | 'owner'>;
      readonly row: OwnershipRow;
    }
  /** Ends the lease for good, by a majority, if its end has passed by the database's clock; a missing row is inserted as ended. */
  | { readonly type: 'endLease'; readonly leaseId: string }
  /** The log's newest batch, as a majority has it. */
  | { readonly type: 'readHead' }
  /** Appends an operation without effect, as AppendAttempt does. */
  | { readonly type: 'appendFence'; readonly version: number; readonly epoch: number }
  | { readonly type: 'wait'; readonly ms: number };

export type OwnershipAnswer =
  | { readonly type: 'row'; readonly row: OwnershipRow }
  /** `lost`: the row is another one, maybe by an earlier attempt of this same write. */
  | { readonly type: 'swapped'; readonly outcome: 'won' | 'lost' | 'unknown' }
  /** `ended` also when it was before. */
  | { readonly type: 'leaseEnd'; readonly outcome: 'ended' | 'live' | 'unknown' }
  /** @param epoch of the newest batch; 0 for none */
  | { readonly type: 'head'; readonly head: number; readonly epoch: number }
  | { readonly type: 'fence'; readonly outcome: AppendOutcome }
  | { readonly type: 'waited' }
  /** A read failed. */
  | { readonly type: 'failed' };

export type OwnershipInput =
  | { readonly type: 'leaseHeld'; readonly leaseId: string }
  | { readonly type: 'leaseLost' }
  /**
   * Read from the database.
   * @param live members whose lease is neither ended nor past its end by the database's clock
   * @param ended lease ids that are ended for good
   */
  | {
      readonly type: 'members';
      readonly live: readonly Member[];
      readonly ended: readonly string[];
    }
  /**
   * A client wants the document. Answered by `acquired`, `elsewhere` or `notAcquired`, once for all that wait.
   * @param isForwarded another node sent the client here: it is not sent on without need
   */
  | { readonly type: 'acquire'; readonly documentId: string; readonly isForwarded: boolean }
  | {
      readonly type: 'answered';
      readonly documentId: string;
      readonly ticket: number;
      readonly answer: OwnershipAnswer;
    }
  /**
   * The document left memory, of itself or because of `close`.
   * @param isClean no append is under way or in doubt, and the log ends at `head`
   */
  | {
      readonly type: 'closed';
      readonly documentId: string;
      readonly epoch: number;
      readonly head: number;
      readonly isClean: boolean;
    }
  /** @param random in [0, 1), for the jitter */
  | { readonly type: 'timer'; readonly random: number }
  /** Every document is handed over, and none is taken any more. */
  | { readonly type: 'drain' }
  /** The deadline of a drain passed: what is still held is dropped. */
  | { readonly type: 'force' };

export type OwnershipEffect =
  | {
      readonly type: 'ask';
      readonly documentId: string;
      /** The answer carries it back. */
      readonly ticket: number;
      readonly question: OwnershipQuestion;
    }
  /** @param head the log has at least this version: what is read of it must reach there */
  | {
      readonly type: 'acquired';
      readonly documentId: string;
      readonly epoch: number;
      readonly head: number;
    }
  | { readonly type: 'elsewhere'; readonly documentId: string; readonly member: Member }
  /** Nothing is known to be wrong; the client tries again in a moment. */
  | { readonly type: 'notAcquired'; readonly documentId: string }
  /** Orderly: intake is stopped, what was taken in is flushed, a checkpoint is written; then `closed`. */
  | { readonly type: 'close'; readonly documentId: string }
  /** At once: nothing more is answered or appended. There is no `closed` for it. */
  | { readonly type: 'drop'; readonly documentId: string }
  /** Clients of the document may move. @param next where to; null when no node takes any document */
  | { readonly type: 'released'; readonly documentId: string; readonly next: Member | null }
  /** Starts the table's timer anew. */
  | { readonly type: 'startTimer'; readonly ms: number }
  /** Of a drain: nothing is held any more. */
  | { readonly type: 'drained' };
