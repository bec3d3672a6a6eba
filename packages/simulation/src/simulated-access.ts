/**
 * The access list of the simulated store, and since when each person has lost a right: the owner's decisions are
 * checked against it (I7).
 */
import type { Role } from '@concord/protocol';
import type { DocumentAccess } from '@concord/server';
import { must } from './invariant-error.ts';
import type { Scheduler } from './scheduler.ts';

/** Promised bound of revocation (docs/security.md#revocation). */
const REVOCATION_MS = 10_000;

export class SimulatedAccess {
  readonly #scheduler: Scheduler;
  #access: DocumentAccess = {
    epoch: 1,
    anyone: 'off',
    isTrashed: false,
    people: new Map(),
    links: [],
    opened: new Map(),
  };
  /** When a person lost the right to read, or to write; absent for those who have it. */
  readonly #unreadableSince = new Map<string, number>();
  readonly #unwritableSince = new Map<string, number>();
  /** The bound counts from the store's last failed read, since the owner could not see a change before. */
  #failedAt = -Infinity;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  get current(): DocumentAccess {
    return this.#access;
  }

  set(userId: string, role: Role | null): void {
    const people = new Map(this.#access.people);
    if (role === null) people.delete(userId);
    else people.set(userId, role);
    this.#access = { ...this.#access, epoch: this.#access.epoch + 1, people };
    this.#note(this.#unreadableSince, userId, role !== null);
    this.#note(this.#unwritableSince, userId, role === 'owner' || role === 'editor');
  }

  readFailed(): void {
    this.#failedAt = this.#scheduler.now;
  }

  checkRead(userId: string, what: string): void {
    this.#check(this.#unreadableSince, userId, () => `${what} was sent to ${userId}`);
  }

  checkWrite(userId: string): void {
    this.#check(this.#unwritableSince, userId, () => `an operation of ${userId} was taken in`);
  }

  #note(since: Map<string, number>, userId: string, isAllowed: boolean): void {
    if (isAllowed) since.delete(userId);
    else if (!since.has(userId)) since.set(userId, this.#scheduler.now);
  }

  #check(since: Map<string, number>, userId: string, what: () => string): void {
    const lostAt = since.get(userId);
    if (lostAt === undefined) return;
    const passed = this.#scheduler.now - Math.max(lostAt, this.#failedAt);
    must(passed <= REVOCATION_MS, 'I7', () => `${what()} ${passed} ms after the right was gone`);
  }
}
