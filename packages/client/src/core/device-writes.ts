/**
 * Writes of the replica to the device. Each has a ticket, and is answered by `saved` or `saveFailed`.
 *
 * - Edits are written together, relaxed, a moment after the first of them (debounce).
 * - Two writes are strict and awaited: a new epoch before the join that uses it, and a frozen operation before it is
 *   sent. What was sent must be on the device: an older row would send it again after a reload (I4).
 * - A device that does not answer is awaited only so long (device-patience.ts). After that nothing waits for it, until it
 *   answers again and has written everything (docs/protocol.md, Devices).
 */
import { DEVICE_PATIENCE_MS, DevicePatience } from './device-patience.ts';
import type { Effects } from './effects.ts';
import type { Replica } from './replica.ts';

/** A crash may lose at most the last 50 ms of edits, the time of the write included (docs/protocol.md, Devices). */
const SAVE_DELAY_MS = 20;
const SAVE_RETRY_MS = 1_000;

/** What an answer of the device allows. */
export interface WriteAnswer {
  /** What is in flight may be sent: it is on the device, or the device never could write. */
  readonly mayBeSent: boolean;
  /** The join may be sent. */
  readonly mayJoin: boolean;
}

export class DeviceWrites {
  readonly #effects: Effects;
  readonly #replica: () => Replica;
  readonly #patience = new DevicePatience();
  #nextTicket = 1;
  /** Something changed since the latest write. */
  #unsaved = false;
  /** The awaited write of an epoch. */
  #joinTicket: number | null = null;
  /** The awaited write of what is in flight. */
  #freezeTicket: number | null = null;
  /** The device has a row of this replica: what is sent must be in it, or the row would send it again. */
  #isKept: boolean;
  #storageFailed = false;
  /** The device does not answer: what is sent may not be on it. */
  #isWithoutDevice = false;
  /** The device answers again. Until this write is answered, its row is overtaken. */
  #catchUpTicket: number | null = null;

  /** @param replica what is to be written, read at each write */
  constructor(effects: Effects, initial: Replica, replica: () => Replica) {
    this.#effects = effects;
    this.#replica = replica;
    this.#isKept = !initial.isNew && (initial.epoch > 0 || initial.opened);
    this.#isKept ||= initial.pendingEdits > 0;
  }

  get storageFailed(): boolean {
    return this.#storageFailed;
  }
  get isAwaitingFreeze(): boolean {
    return this.#freezeTicket !== null;
  }
  get isWithoutDevice(): boolean {
    return this.#isWithoutDevice;
  }
  /** Edits are sent, and are not on the device. */
  get isNotKept(): boolean {
    return this.#isWithoutDevice || this.#catchUpTicket !== null;
  }

  /** @param isWithoutDevice the device did not answer when the page was opened */
  start(isWithoutDevice: boolean): void {
    this.#isWithoutDevice = isWithoutDevice;
  }

  /** Starts the debounce, unless it runs already. */
  markUnsaved(): void {
    if (this.#unsaved) return;
    this.#unsaved = true;
    this.#effects.startTimer('save', SAVE_DELAY_MS);
  }

  /** A failed write is retried without any further edit. */
  saveAgainLater(): void {
    this.#unsaved = true;
    this.#effects.startTimer('save', SAVE_RETRY_MS);
  }

  save(durability: 'strict' | 'relaxed'): number {
    if (this.#unsaved) this.#effects.cancelTimer('save');
    this.#unsaved = false;
    const ticket = this.#nextTicket++;
    this.#effects.push({ type: 'save', replica: this.#replica(), durability, ticket });
    return ticket;
  }

  saveIfUnsaved(durability: 'strict' | 'relaxed'): void {
    if (this.#unsaved) this.save(durability);
  }

  /** Writes a frozen operation. Returns whether it may be sent without waiting for the answer. */
  saveFrozen(): boolean {
    if (this.#isWithoutDevice) {
      this.save('strict');
      return true;
    }
    this.#freezeTicket = this.save('strict');
    return false;
  }

  /** Writes a new epoch. Returns whether the join may be sent without waiting for the answer. */
  saveEpoch(): boolean {
    const ticket = this.save('strict');
    if (this.#isWithoutDevice) return true;
    this.#joinTicket = ticket;
    return false;
  }

  /** What was in flight is decided, or is not to be sent as it is. */
  forgetFreeze(): void {
    this.#freezeTicket = null;
  }

  /** Returns whether an epoch was being written. */
  forgetEpoch(): boolean {
    const wasAwaited = this.#joinTicket !== null;
    this.#joinTicket = null;
    return wasAwaited;
  }

  /** At the end of each step: follows whether something waits for the device. */
  followPatience(): void {
    const isAwaited = this.#joinTicket !== null || this.#freezeTicket !== null;
    if (this.#patience.follow(isAwaited)) {
      this.#effects.startTimer('device', DEVICE_PATIENCE_MS);
    }
  }

  /**
   * The patience timer ended. Returns whether the session goes on in memory from here on, under the same client id,
   * epochs and numbers: the row on the device is overtaken then, until it is written again.
   */
  givesUpWaiting(): boolean {
    if (!this.#patience.timeIsUp()) return false;
    this.#isWithoutDevice = true;
    this.#freezeTicket = null;
    return true;
  }

  /** What is in flight could not be written: tries again. */
  retryFreeze(): void {
    if (this.#freezeTicket !== null) this.#freezeTicket = this.save('strict');
  }

  /**
   * A device that never could write does not keep the person from working. One that could, and fails now, is awaited
   * for as long as its patience lasts: its row does not have what was sent since (I4). The status says so.
   */
  answered(ticket: number, succeeded: boolean, hasInFlight: boolean): WriteAnswer {
    this.#storageFailed = !succeeded;
    if (succeeded) this.#isKept = true;
    this.#followAnswer(ticket, succeeded);
    const isWaitedFor = ticket === this.#freezeTicket && this.#isKept && !succeeded;
    if (isWaitedFor) this.#effects.startTimer('freeze', SAVE_RETRY_MS);
    else if (!succeeded) this.saveAgainLater();
    let mayBeSent = false;
    if (ticket === this.#freezeTicket && !isWaitedFor) {
      this.#freezeTicket = null;
      mayBeSent = true;
    }
    if (ticket !== this.#joinTicket) return { mayBeSent, mayJoin: false };
    this.#joinTicket = null;
    // What was in flight already is on the device no more certainly than the epoch: it waits for a write. The join
    // does not, so that others' edits arrive meanwhile.
    if (this.#isKept && !succeeded && hasInFlight) {
      this.#freezeTicket = ticket;
      this.#effects.startTimer('freeze', SAVE_RETRY_MS);
    }
    return { mayBeSent, mayJoin: true };
  }

  /** Any answer shows that the device answers again. It is awaited again once it has everything. */
  #followAnswer(ticket: number, succeeded: boolean): void {
    const isCatchUp = ticket === this.#catchUpTicket;
    if (isCatchUp) this.#catchUpTicket = null;
    if (isCatchUp && !succeeded) this.#isWithoutDevice = true;
    if (!succeeded || !this.#isWithoutDevice) return;
    this.#isWithoutDevice = false;
    this.#catchUpTicket = this.save('strict');
  }
}
