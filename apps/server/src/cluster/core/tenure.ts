/**
 * One document at this node, from the wish to own it until it is released.
 *
 *   reading the row ──owner is live─────────────────▶ done (elsewhere)
 *    │   ▲  └─its lease may be over─▶ ending the lease ─┐
 *    │   └───────────────ended──────────────────────────┘
 *    │ free, and this node should have it
 *    ▼
 *   taking (epoch + 1) ──lost──▶ reading the row
 *    │ won
 *    ▼
 *   finding the head ──released cleanly at a head that is reached──┐
 *    │     ▲ another's row is there                                │
 *    ▼     │                                                       ▼
 *   fencing ──────────────── durable ────────────────────────────▶ held
 *                                                                  │ closed by itself, or closing: handed over
 *                                            done ◀── releasing ◀──┘
 *
 * - **Takeover.** Raising the epoch decides who is next; it does not stop the former owner's last append, which may still
 *   land. The **fence** does: an operation without effect at the log's next version, the very key of that append. Of the
 *   two one fails; if it is the fence, the head is read again. Only then anything is answered.
 * - **A clean release** needs no fence: its owner had nothing in doubt, and left the head that must be reached, so that a
 *   read from a stale member of the database is noticed.
 * - **The lease** of a former owner that did not release is ended first, for good. Until then the former owner may answer.
 * - **Own writes**, retried, meet themselves: a swap that was lost or is unknown is followed by reading the row, in which
 *   this lease and the wanted epoch mean that it was won.
 */
import type { OwnershipRow } from '../../store/ports/cluster-store.ts';
import type { ClusterView } from './cluster-view.ts';
import type { OwnershipAnswer, OwnershipEffect, OwnershipQuestion } from './ownership-io.ts';

/** Then the client is asked to come again. */
const ATTEMPTS_MAX = 12;
const RELEASES_MAX = 4;
const PAUSE_MS = 100;
const PAUSE_MAX_MS = 1_000;

type Mode =
  | 'readingRow'
  | 'endingLease'
  | 'taking'
  | 'findingHead'
  | 'fencing'
  | 'held'
  | 'closing'
  | 'releasing'
  | 'done';

export class Tenure {
  readonly #documentId: string;
  readonly #leaseId: string;
  readonly #view: ClusterView;
  readonly #push: (effect: OwnershipEffect) => void;
  readonly #nextTicket: () => number;
  #mode: Mode = 'readingRow';
  #isForwarded: boolean;
  #ticket = 0;
  #attempts = 0;
  /** After a pause. */
  #again: (() => void) | null = null;
  /** This node's, once it was tried to take the document; 0 before. */
  #epoch = 0;
  #endingLeaseId = '';
  /** What the former owner left. */
  #cleanHead: number | null = null;
  #head = 0;
  #released: OwnershipRow | null = null;
  /** A client came while the document was being handed over. */
  #isWanted = false;

  constructor(
    documentId: string,
    leaseId: string,
    view: ClusterView,
    isForwarded: boolean,
    push: (effect: OwnershipEffect) => void,
    nextTicket: () => number,
  ) {
    this.#documentId = documentId;
    this.#leaseId = leaseId;
    this.#view = view;
    this.#isForwarded = isForwarded;
    this.#push = push;
    this.#nextTicket = nextTicket;
    this.#readRow();
  }

  get isHeld(): boolean {
    return this.#mode === 'held';
  }
  get isClosing(): boolean {
    return this.#mode === 'closing' || this.#mode === 'releasing';
  }
  get isDone(): boolean {
    return this.#mode === 'done';
  }

  /** A client wants the document once more. */
  wanted(isForwarded: boolean): void {
    this.#isForwarded ||= isForwarded;
    if (this.isHeld) this.#acquired();
    else if (this.isClosing) this.#isWanted = true;
  }

  close(): void {
    if (!this.isHeld) return;
    this.#mode = 'closing';
    this.#push({ type: 'close', documentId: this.#documentId });
  }

  closed(epoch: number, head: number, isClean: boolean): void {
    if (epoch !== this.#epoch || (this.#mode !== 'held' && this.#mode !== 'closing')) return;
    this.#release(isClean ? head : null);
  }

  /** The lease is lost, or a drain took too long. */
  drop(): void {
    const documentId = this.#documentId;
    const mode = this.#mode;
    this.#mode = 'done';
    this.#ticket = 0;
    if (mode === 'held' || mode === 'closing') this.#push({ type: 'drop', documentId });
    const isAcquiring = mode !== 'held' && mode !== 'closing' && mode !== 'releasing';
    if (isAcquiring || this.#isWanted) this.#push({ type: 'notAcquired', documentId });
  }

  answered(ticket: number, answer: OwnershipAnswer): void {
    if (ticket !== this.#ticket || this.isDone) return;
    this.#ticket = 0;
    switch (answer.type) {
      case 'row':
        return this.#decide(answer.row);
      case 'leaseEnd':
        if (answer.outcome === 'unknown') return this.#pause(() => this.#readRow());
        // Its node renewed it, and this one did not read that yet.
        if (answer.outcome === 'live') return this.#notAcquired();
        this.#view.ended(this.#endingLeaseId);
        return this.#readRow();
      case 'swapped':
        if (this.#mode === 'releasing') return this.#releaseAnswered(answer.outcome);
        if (answer.outcome === 'won') return this.#taken();
        return this.#pause(() => this.#readRow());
      case 'head':
        return this.#headRead(answer.head, answer.epoch);
      case 'fence':
        if (answer.outcome === 'appended') return this.#hold(this.#head);
        if (answer.outcome === 'fenced') return this.#pause(() => this.#readHead());
        return this.#giveBack();
      case 'waited':
        return this.#again?.();
      case 'failed':
        if (this.#mode === 'readingRow') return this.#pause(() => this.#readRow());
        return this.#pause(() => this.#readHead());
    }
  }

  // --- Taking the document over -----------------------------------------------------------------

  #readRow(): void {
    this.#mode = 'readingRow';
    this.#ask({ type: 'readRow' });
  }

  #decide({ epoch, owner, head }: OwnershipRow): void {
    const isOwn = owner === this.#leaseId;
    if (isOwn && epoch === this.#epoch) return this.#taken();
    if (owner !== null && !isOwn && !this.#view.isEnded(owner)) return this.#ownedBy(owner);
    if (!this.#mayTake(isOwn)) return;
    this.#mode = 'taking';
    this.#epoch = epoch + 1;
    this.#cleanHead = owner === null ? head : null;
    const row = { epoch: this.#epoch, owner: this.#leaseId, head: null };
    this.#ask({ type: 'swapRow', expected: { epoch, owner }, row });
  }

  #ownedBy(leaseId: string): void {
    const member = this.#view.member(leaseId);
    if (member !== null) return this.#elsewhere(member);
    this.#mode = 'endingLease';
    this.#endingLeaseId = leaseId;
    this.#ask({ type: 'endLease', leaseId });
  }

  /** @param isOwn an earlier attempt of this node took the document, and did not open it */
  #mayTake(isOwn: boolean): boolean {
    const preferred = this.#view.preferred(this.#documentId);
    if (this.#view.isDraining) {
      if (preferred === null) this.#notAcquired();
      else this.#elsewhere(preferred);
      return false;
    }
    if (this.#isForwarded || isOwn || preferred === null) return true;
    if (preferred.leaseId === this.#leaseId) return true;
    this.#elsewhere(preferred);
    return false;
  }

  #taken(): void {
    this.#attempts = 0;
    this.#readHead();
  }

  #readHead(): void {
    this.#mode = 'findingHead';
    this.#ask({ type: 'readHead' });
  }

  #headRead(head: number, epoch: number): void {
    // Another node took the document over since, and has written.
    if (epoch > this.#epoch) return this.#giveBack();
    if (this.#cleanHead === null) return this.#fence(head);
    if (head >= this.#cleanHead) return this.#hold(head);
    this.#pause(() => this.#readHead());
  }

  #fence(head: number): void {
    this.#mode = 'fencing';
    this.#head = head + 1;
    this.#ask({ type: 'appendFence', version: this.#head, epoch: this.#epoch });
  }

  #hold(head: number): void {
    this.#mode = 'held';
    this.#head = head;
    this.#attempts = 0;
    this.#acquired();
  }

  #acquired(): void {
    const { documentId, epoch, head } = { documentId: this.#documentId, epoch: this.#epoch, head: this.#head }; // prettier-ignore
    this.#push({ type: 'acquired', documentId, epoch, head });
  }

  // --- Letting it go ----------------------------------------------------------------------------

  /** @param head null when an append may be in doubt */
  #release(head: number | null): void {
    this.#mode = 'releasing';
    this.#released = { epoch: this.#epoch, owner: null, head };
    this.#attempts = 0;
    this.#swapReleased();
  }

  #swapReleased(): void {
    const row = this.#released;
    if (row === null) return;
    const expected = { epoch: this.#epoch, owner: this.#leaseId };
    this.#ask({ type: 'swapRow', expected, row });
  }

  /** A release that is lost costs a client one detour: this node takes the document from itself. */
  #releaseAnswered(outcome: 'won' | 'lost' | 'unknown'): void {
    if (outcome === 'unknown' && ++this.#attempts < RELEASES_MAX) {
      this.#again = () => this.#swapReleased();
      return this.#ask({ type: 'wait', ms: PAUSE_MS });
    }
    const documentId = this.#documentId;
    this.#push({ type: 'released', documentId, next: this.#view.preferred(documentId) });
    if (!this.#isWanted) return this.#end();
    this.#isWanted = false;
    this.#epoch = 0;
    this.#attempts = 0;
    this.#readRow();
  }

  /** It was taken, and cannot be opened now. */
  #giveBack(): void {
    this.#push({ type: 'notAcquired', documentId: this.#documentId });
    this.#release(null);
  }

  #elsewhere(member: NonNullable<ReturnType<ClusterView['member']>>): void {
    this.#push({ type: 'elsewhere', documentId: this.#documentId, member });
    this.#end();
  }

  #notAcquired(): void {
    this.#push({ type: 'notAcquired', documentId: this.#documentId });
    this.#end();
  }

  #end(): void {
    this.#mode = 'done';
  }

  // --- Asking -----------------------------------------------------------------------------------

  #pause(again: () => void): void {
    if (++this.#attempts >= ATTEMPTS_MAX) {
      // The row may say that this node owns it, which the next attempt finds.
      return this.#notAcquired();
    }
    this.#again = again;
    this.#ask({ type: 'wait', ms: Math.min(PAUSE_MS * this.#attempts, PAUSE_MAX_MS) });
  }

  #ask(question: OwnershipQuestion): void {
    this.#ticket = this.#nextTicket();
    this.#push({ type: 'ask', documentId: this.#documentId, ticket: this.#ticket, question });
  }
}
