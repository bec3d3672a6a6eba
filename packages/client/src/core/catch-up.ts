/**
 * How a client gets from the version it has to the server's: by the tail of a join, or by a snapshot when the tail does
 * not reach back so far. And what becomes of a row that was overtaken: a page went on without the device, and sent, under
 * numbers that the row does not know, what the row holds (docs/protocol.md, Devices).
 */
import type { DocumentText } from '@concord/ot';
import type {
  CommittedOperation,
  JoinedMessage,
  OperationsMessage,
  ResyncMessage,
} from '@concord/protocol';
import * as buffers from './buffer.ts';
import { HeldTail } from './held-tail.ts';
import type { Operations } from './operations.ts';
import type { Replica } from './replica.ts';
import type { FetchedSnapshot } from './session-messages.ts';
import type { SessionParts } from './session-parts.ts';

/**
 * `applied`: as far as it is here. `gap`: something is missing, a join brings it. `copy`: the row was overtaken, and has
 * text that the server does not have. `diverged`: the checksum differs, a join asks for a snapshot.
 */
export type TailResult = 'applied' | 'gap' | 'copy' | 'diverged';

/** `unasked`: nothing waits for it. `otherHistory`: it does not lead on from the text here. */
export type SnapshotResult = 'unasked' | 'adopted' | 'tooOld' | 'otherHistory' | 'copy';

export class CatchUp {
  readonly #parts: SessionParts;
  readonly #operations: Operations;
  /** The store the versions belong to; null before the first join. */
  #historyId: string | null;
  /** The checksums differ: the text has to be replaced. */
  #diverged = false;
  #snapshotWanted: 'first' | ResyncMessage | null = null;
  /** Held back as long as it is not known what becomes of an overtaken row. */
  #heldTail: HeldTail | null = null;
  /** Not known yet: whether a page before this one went on without the device. The first join tells. */
  #mayBeOvertaken = true;
  /** The highest decided number, while the tail arrives that tells what becomes of an overtaken row. */
  #overtakenBy: number | null = null;

  constructor(parts: SessionParts, operations: Operations, replica: Replica) {
    this.#parts = parts;
    this.#operations = operations;
    this.#historyId = replica.historyId;
  }

  get historyId(): string | null {
    return this.#historyId;
  }
  get diverged(): boolean {
    return this.#diverged;
  }
  /** No join is sent before the snapshot is there. */
  get isSnapshotWanted(): boolean {
    return this.#snapshotWanted !== null;
  }
  /** An overtaken row is not decided about: numbers and text are as they were. */
  get isUndecided(): boolean {
    return this.#overtakenBy !== null;
  }

  /** The tail that was arriving will not be completed. */
  forgetTail(): void {
    this.#heldTail = null;
    this.#overtakenBy = null;
  }

  // --- By the tail of a join --------------------------------------------------------------------

  /** Whether the versions here are of another history than the owner's: none of them means anything there. */
  isOfOtherHistory({ historyId }: JoinedMessage): boolean {
    const isElsewhere = this.#historyId !== null && this.#historyId !== historyId;
    return isElsewhere && this.#operations.buffer.version > 0;
  }

  joined({ historyId }: JoinedMessage): void {
    this.#historyId = historyId;
  }

  /** What came with the join itself. */
  takeTail(joined: JoinedMessage): TailResult {
    const { confirmed, version } = this.#operations.buffer;
    if (this.#isOvertaken(joined)) {
      this.#overtakenBy = joined.lastSeq;
      this.#heldTail = new HeldTail(confirmed, joined.version - version);
    } else this.#mayBeOvertaken = false;
    return this.#take(version + 1, joined.tail);
  }

  /** What the owner committed since. */
  takeCommitted({ firstVersion, operations, checksum }: OperationsMessage): TailResult {
    const isHeld = this.#heldTail !== null;
    const result = this.#take(firstVersion, operations);
    if (result !== 'applied' || isHeld || checksum === undefined) return result;
    const last = firstVersion + operations.length - 1;
    if (last !== this.#operations.buffer.version || this.#matches(checksum)) return 'applied';
    return 'diverged';
  }

  #take(firstVersion: number, operations: readonly CommittedOperation[]): TailResult {
    if (this.#heldTail !== null) return this.#hold(this.#heldTail, firstVersion, operations);
    return this.#operations.applyCommitted(firstVersion, operations) ? 'applied' : 'gap';
  }

  /** Applies nothing until the tail is complete: the overtaken row is compared with the text that it leads to. */
  #hold(
    tail: HeldTail,
    firstVersion: number,
    operations: readonly CommittedOperation[],
  ): TailResult {
    const next = this.#operations.buffer.version + 1 + tail.operations.length;
    if (firstVersion > next) return 'gap';
    const isComplete = tail.add(operations.slice(next - firstVersion));
    if (!isComplete) return 'applied';
    this.#heldTail = null;
    if (tail.text === null) return 'gap';
    if (this.#overtakenBy !== null && !this.#isDropped(tail.text, this.#overtakenBy)) return 'copy';
    return this.#take(this.#operations.buffer.version + 1, tail.operations);
  }

  /**
   * A page before this one went on without the device, and was given numbers that the row does not know: what the row
   * holds was sent, under those numbers, in whole or in part, with others' edits in between. It is never sent again.
   */
  #isOvertaken({ lastSeq, tail }: JoinedMessage): boolean {
    const { inFlight, nextSeq, pendingEdits } = this.#operations.buffer;
    if (!this.#mayBeOvertaken || lastSeq < nextSeq) return false;
    if (pendingEdits > 0) return true;
    if (inFlight === null) return false;
    // Its number tells what became of it, if the tail has it.
    const isOwn = tail.some(
      (each) => this.#operations.isOwn(each.clientId, each.author) && each.seq === inFlight.seq,
    );
    return !isOwn;
  }

  /**
   * Drops what an overtaken row holds when the server's text has all of it. Else it is a copy, as after a restored
   * backup: the row stays as it is, and its author decides.
   */
  #isDropped(server: DocumentText, lastSeq: number): boolean {
    this.#overtakenBy = null;
    const { buffer } = this.#operations;
    const isDropped = buffers.isContained(buffer, server);
    const { visible: copy } = buffer;
    this.#parts.effects.push({ type: 'overtaken', copy, server, isDropped });
    if (!isDropped) return false;
    this.#mayBeOvertaken = false;
    this.#operations.dropUnsent(lastSeq);
    return true;
  }

  /** Divergence alarm (docs/protocol.md): the local text is kept, and a snapshot is asked for by the next join. */
  #matches(checksum: number): boolean {
    if (this.#operations.buffer.confirmed.checksum === checksum) return true;
    this.#diverged = true;
    this.#parts.effects.push({ type: 'diverged' });
    return false;
  }

  // --- By a snapshot ----------------------------------------------------------------------------

  /** A document opened for the first time begins with a snapshot. */
  start(): void {
    // Over a snapshot a row with edits could not be told from one that was overtaken: the join brings all.
    if (this.#operations.opened || buffers.hasUnsent(this.#operations.buffer)) return;
    this.#snapshotWanted = 'first';
    this.#fetchSnapshot(0, null);
  }

  /** The tail does not reach back to the version here. */
  resync(resync: ResyncMessage): void {
    this.#snapshotWanted = resync;
    const afterVersion = this.#diverged ? null : this.#operations.buffer.version;
    this.#fetchSnapshot(resync.version, afterVersion);
  }

  #fetchSnapshot(atLeastVersion: number, afterVersion: number | null): void {
    const { version } = this.#operations.buffer;
    const identity = this.#operations.head;
    const head = identity === null ? null : { version, ...identity };
    this.#parts.effects.push({ type: 'fetchSnapshot', atLeastVersion, afterVersion, head });
  }

  takeSnapshot(snapshot: FetchedSnapshot): SnapshotResult {
    const wanted = this.#snapshotWanted;
    if (wanted === null) return 'unasked';
    if (wanted !== 'first') return this.#resyncTo(snapshot, wanted);
    this.#snapshotWanted = null;
    if (snapshot.version > this.#operations.buffer.version) this.#adopt(snapshot, false);
    return 'adopted';
  }

  #resyncTo(snapshot: FetchedSnapshot, wanted: ResyncMessage): SnapshotResult {
    const { version, text } = snapshot;
    const { lastCommittedSeq } = wanted;
    if (version < wanted.version) return 'tooOld';
    this.#snapshotWanted = null;
    if (!this.#isOfOwnHistory(snapshot)) return 'otherHistory';
    const { buffer } = this.#operations;
    const isOvertaken = this.#mayBeOvertaken && lastCommittedSeq >= buffer.nextSeq;
    if (isOvertaken && buffers.hasUnsent(buffer) && !this.#isDropped(text, lastCommittedSeq)) {
      return 'copy';
    }
    this.#diverged = false;
    const seq = this.#operations.buffer.inFlight?.seq;
    const isDecided = seq !== undefined && seq <= lastCommittedSeq;
    this.#adopt(snapshot, isDecided && wanted.lastCommittedVersion <= version);
    return 'adopted';
  }

  /** A text that names no operation is only proven by the operations that lead from it to the snapshot. */
  #isOfOwnHistory({ operation, text }: FetchedSnapshot): boolean {
    const { head, buffer } = this.#operations;
    const { version, confirmed } = buffer;
    return version === 0 || head !== null || buffers.leadsTo(confirmed, operation, text);
  }

  #adopt(snapshot: FetchedSnapshot, inFlightCommitted: boolean): void {
    this.#historyId ??= snapshot.historyId;
    this.#operations.adopt(snapshot, inFlightCommitted);
  }

  /** There is none. Returns which one was wanted. */
  snapshotFailed(): 'first' | 'resync' | null {
    const wanted = this.#snapshotWanted;
    this.#snapshotWanted = null;
    return wanted === null || wanted === 'first' ? wanted : 'resync';
  }
}
