/**
 * The life of the connection, from one join to the next:
 *
 *   offline ──connected──▶ preparing ──epoch written──▶ joining ──joined──▶ live
 *      ▲                       ▲  ▲                        │                 │
 *      │                       │  └──snapshot── resync ────┘                 │
 *      │                       └── gap, no acknowledgement, divergence ──────┤
 *      └───────────────────────────── disconnected ──────────────────────────┘
 *   stopped: the owner refused for good; the text stays.
 *
 * Held here: the epoch is durable before the join that uses it; a gap leads to a rejoin, never to a guess.
 */
import {
  PROTOCOL_VERSION,
  type JoinedMessage,
  type OperationsMessage,
  type RefusedMessage,
  type RejectedMessage,
  type ResyncMessage,
} from '@concord/protocol';
import type { CatchUp, TailResult } from './catch-up.ts';
import type { Operations } from './operations.ts';
import type { Replica } from './replica.ts';
import type { FetchedSnapshot } from './session-messages.ts';
import type { SessionParts } from './session-parts.ts';

/** After a refused epoch: the page before this one may have joined so often without its device. */
const STALE_EPOCH_STEP = 100;

export class Joining {
  readonly #parts: SessionParts;
  readonly #operations: Operations;
  readonly #catchUp: CatchUp;
  readonly #replica: Pick<Replica, 'documentId' | 'clientId'>;
  /** Fencing token: the owner takes nothing from an earlier epoch of this client id any more. */
  #epoch: number;

  constructor(parts: SessionParts, operations: Operations, catchUp: CatchUp, replica: Replica) {
    this.#parts = parts;
    this.#operations = operations;
    this.#catchUp = catchUp;
    this.#replica = replica;
    this.#epoch = replica.epoch;
  }

  get epoch(): number {
    return this.#epoch;
  }

  // --- offline → preparing → joining ------------------------------------------------------------

  /** Waits for a wanted snapshot, then writes a new epoch; the join follows once that is durable. */
  prepareJoin(): void {
    const { link, effects, device } = this.#parts;
    link.preparing();
    this.#operations.beforeJoin();
    this.#catchUp.forgetTail();
    for (const name of ['acknowledgement', 'join', 'retry'] as const) effects.cancelTimer(name);
    if (this.#catchUp.isSnapshotWanted) return;
    this.#epoch += 1;
    if (device.saveEpoch()) this.#join();
  }

  /** The device answered a write: what waited for it goes on. */
  deviceAnswered(ticket: number, succeeded: boolean): void {
    const hasInFlight = this.#operations.buffer.inFlight !== null;
    const { mayBeSent, mayJoin } = this.#parts.device.answered(ticket, succeeded, hasInFlight);
    if (mayBeSent) this.#operations.frozenIsWritten();
    if (!mayJoin) return;
    if (succeeded) this.#operations.epochIsWritten();
    if (this.#parts.link.state === 'preparing') this.#join();
  }

  /** The device had its time: what waited for it goes on in memory. */
  goOnWithoutDevice(): void {
    const { link, device } = this.#parts;
    // The owner learns by a join which number comes next.
    if (this.#operations.passGivenBack() && link.isLive) this.prepareJoin();
    if (!device.forgetEpoch()) return this.#operations.sendWhatIsDue();
    if (link.state === 'preparing') this.#join();
  }

  #join(): void {
    const { link, title, effects } = this.#parts;
    const { documentId, clientId } = this.#replica;
    const { version, confirmed, inFlight, nextSeq, effects: own } = this.#operations.buffer;
    const { head } = this.#operations;
    const { historyId, diverged } = this.#catchUp;
    link.joining();
    title.joining();
    effects.send({
      type: 'join',
      body: {
        docId: documentId,
        clientId,
        epoch: this.#epoch,
        version,
        nextSeq: inFlight?.seq ?? nextSeq,
        protocol: PROTOCOL_VERSION,
        ...(historyId === null ? {} : { historyId }),
        ...(head === null ? {} : { head }),
        ...(diverged ? { diverged: true as const } : {}),
        ...(own.state === null ? { lacksEffects: true as const } : {}),
        // What the device kept before version 3 names no operation: its text proves the history.
        ...(diverged || (head === null && version > 0) ? { checksum: confirmed.checksum } : {}),
      },
    });
  }

  // --- joining → live ---------------------------------------------------------------------------

  joined(joined: JoinedMessage): void {
    const { link, effects, presence, title, signals, merge } = this.#parts;
    if (link.state !== 'joining' || joined.epoch !== this.#epoch) return;
    effects.cancelTimer('join');
    if (this.#catchUp.isOfOtherHistory(joined)) return this.#stopAtOtherHistory();
    const { userId } = this.#operations;
    if (userId !== null && userId !== joined.userId) {
      return this.stop(
        'otherUser',
        'Somebody else is signed in now. What you wrote stays on this device, and is sent when you sign in again.',
      );
    }
    link.joined();
    this.#catchUp.joined(joined);
    this.#operations.joined(joined);
    presence.joined(joined.self, joined.people, joined.peopleTotal);
    title.joined(joined.title, joined.titleVersion);
    const wasOffline = signals.joined();
    merge.joined(this.#operations.buffer, joined.version, wasOffline);
    if (!this.#follow(this.#catchUp.takeTail(joined))) return;
    this.#operations.tailApplied();
    // A device that lost writes may have used numbers it no longer knows of: never use one twice (I4).
    if (!this.#catchUp.isUndecided) this.#operations.passNumber(joined.lastSeq);
    presence.markDue();
    title.send();
    this.#operations.sendWhatIsDue();
  }

  /** The owner's log has no tail from the version here: a snapshot comes first. */
  resync(resync: ResyncMessage): void {
    const { link, effects } = this.#parts;
    if (link.state !== 'joining' || resync.epoch !== this.#epoch) return;
    effects.cancelTimer('join');
    link.preparing();
    this.#catchUp.resync(resync);
  }

  snapshot(snapshot: FetchedSnapshot): void {
    switch (this.#catchUp.takeSnapshot(snapshot)) {
      case 'unasked':
        return;
      case 'tooOld':
        return this.snapshotFailed();
      case 'otherHistory':
        return this.#stopAtOtherHistory();
      case 'copy':
        return this.#stopAtCopy();
      case 'adopted':
        // The rebased operation is written, with the new epoch, before anything is sent again.
        if (this.#parts.link.state === 'preparing') this.prepareJoin();
    }
  }

  /** Without a first snapshot the join brings the whole log; a later one is asked for again. */
  snapshotFailed(): void {
    const wanted = this.#catchUp.snapshotFailed();
    if (wanted === null || this.#parts.link.state !== 'preparing') return;
    if (wanted === 'first') this.prepareJoin();
    else this.reconnectLater();
  }

  // --- live -------------------------------------------------------------------------------------

  /** The ordered stream of committed operations. */
  operations(message: OperationsMessage): void {
    if (!this.#parts.link.isLive) return;
    if (this.#follow(this.#catchUp.takeCommitted(message))) this.#operations.sendWhatIsDue();
  }

  rejected(rejected: RejectedMessage): void {
    if (!this.#operations.rejected(rejected)) this.rejoin();
  }

  /** The owner's heartbeat. When it knows of versions that never arrived, a frame was lost (I9). */
  head(version: number): void {
    if (this.#parts.link.isLive && version > this.#operations.buffer.version) this.rejoin();
  }

  /** Returns whether the session is live after it. */
  #follow(result: TailResult): boolean {
    if (result === 'copy') this.#stopAtCopy();
    else if (result !== 'applied') this.rejoin();
    return result === 'applied';
  }

  /** Joins again on the same connection; on a new one when that has not helped so far. */
  rejoin(): void {
    if (!this.#parts.link.mayRejoin()) return this.reconnectLater();
    this.prepareJoin();
    this.#parts.signals.watchConnection();
  }

  // --- → offline, stopped -----------------------------------------------------------------------

  /** The transport lost the connection, or could not make one. */
  disconnected(): void {
    if (this.#parts.link.state !== 'offline') this.#goOffline();
    this.#parts.link.reconnectLater();
  }

  /** Drops the connection, and makes another one at once, or within the delays. */
  reconnect(minDelayMs = 0, maxDelayMs = 0): void {
    this.#drop();
    this.#parts.link.connect(minDelayMs, maxDelayMs);
  }

  /** Drops the connection, and makes another one as the backoff says. */
  reconnectLater(afterMs?: number): void {
    this.#drop();
    this.#parts.link.reconnectLater(afterMs);
  }

  #drop(): void {
    this.#goOffline();
    this.#parts.effects.push({ type: 'disconnect' });
  }

  #goOffline(): void {
    const { link, device, presence, signals } = this.#parts;
    link.disconnected();
    device.forgetEpoch();
    this.#catchUp.forgetTail();
    this.#operations.disconnected();
    presence.disconnected();
    signals.disconnected();
  }

  refused(refused: RefusedMessage): void {
    if (this.#parts.link.state === 'offline') return;
    if (refused.code === 'otherHistory' || refused.code === 'ahead') {
      return this.#stopAtOtherHistory();
    }
    if (!refused.retryable) return this.stop(refused.code, refused.detail);
    if (refused.code === 'staleEpoch') this.#epoch += STALE_EPOCH_STEP;
    if (refused.code === 'storeUnavailable') this.#parts.signals.pauseSaving();
    // Not before the server has room again; the jitter spreads all that were refused at the same moment.
    this.reconnectLater(refused.retryAfterMs);
  }

  /** Ends the session for good. What is here stays on the device, unless another tab keeps it there. */
  stop(code: string, detail: string): void {
    const { link, signals, device, effects } = this.#parts;
    this.#goOffline();
    signals.stopped();
    link.stop({ code, detail });
    if (code !== 'superseded') device.save('strict');
    effects.push({ type: 'disconnect' });
  }

  #stopAtOtherHistory(): void {
    this.stop(
      'otherHistory',
      'The server was restored from a backup, and this text belongs to its former history. Nothing was sent.',
    );
  }

  #stopAtCopy(): void {
    this.stop(
      'overtaken',
      'This device has changes that may be in the document already. They were not sent again.',
    );
  }
}
