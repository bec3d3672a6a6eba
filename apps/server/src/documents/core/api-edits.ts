/**
 * Edits by the REST API: consecutive operations taken in within one step, so that nothing comes between them, and
 * answered when the last of them is durable (docs/protocol.md, "Edits by the REST API").
 */
import {
  lengthChange,
  validateOperation,
  type OperationLimits,
  type TextOperation,
} from '@concord/ot';
import { may } from '../../access/core/permissions.ts';
import type { ClientPosition } from '../../store/ports/store.ts';
import { isOwnByApi } from './api-clients.ts';
import type { Clients } from './clients.ts';
import type { CommitLog } from './commit-log.ts';
import type { DocumentInput, EditCondition, EditRejection } from './document-messages.ts';
import type { EffectSink } from './effect-sink.ts';
import type { Grants } from './grants.ts';
import { rebase } from './rebase.ts';
import { stepsOf } from './recent-operations.ts';
import type { Room } from './room.ts';

/** Component steps that moving one edit by the REST API may cost here, some 15 ms: old-edits.ts moves it before. */
export const EDIT_TRANSFORM_COST_MAX = 50_000;
/** Longer than an edit by the REST API takes, from reading its client's position to being decided. */
const API_CLIENT_MS = 60_000;

type Edit = Extract<DocumentInput, { type: 'edit' }>;

export interface ApiEditsParts {
  readonly log: CommitLog;
  readonly clients: Clients;
  readonly room: Room;
  readonly grants: Grants;
  readonly effects: EffectSink;
  readonly limits: OperationLimits;
  /** The log has an operation that this owner never wrote. */
  readonly overtaken: () => void;
}

export class ApiEdits {
  readonly #log: CommitLog;
  readonly #clients: Clients;
  readonly #room: Room;
  readonly #grants: Grants;
  readonly #effects: EffectSink;
  readonly #limits: OperationLimits;
  readonly #overtaken: () => void;
  /** Edits that are not durable yet, by their last version. */
  #pending: { readonly ticket: number; readonly version: number }[] = [];

  constructor({ log, clients, room, grants, effects, limits, overtaken }: ApiEditsParts) {
    this.#log = log;
    this.#clients = clients;
    this.#room = room;
    this.#grants = grants;
    this.#effects = effects;
    this.#limits = limits;
    this.#overtaken = overtaken;
  }

  /** Component steps that moving consecutive operations to the newest version costs; Infinity from too far behind. */
  costOf(baseVersion: number, operations: readonly TextOperation[]): number {
    const { recent } = this.#log;
    if (baseVersion < recent.from) return Infinity;
    if (baseVersion > recent.until) return 0;
    let cost = 0;
    for (const each of operations) cost += recent.transformCost(baseVersion, stepsOf(each));
    return cost;
  }

  edit(edit: Edit, now: number): void {
    const { ticket, userId, atMost, clientId, once, condition, baseVersion, operations } = edit;
    const reject = (code: EditRejection): void => this.reject(ticket, code);
    if (this.#room.isClosing || this.#log.isFull) return reject('storeUnavailable');
    const { role } = this.#grants.roleOf({ userId, atMost: atMost ?? null }, now);
    if (!may(role, 'write')) return reject('readOnly');
    // In the log, or on its way there: it is answered, not taken in again.
    if (once !== undefined && this.#isRepeated(edit, once.position)) return;
    const unmet = condition === undefined ? null : this.#unmet(condition, userId);
    if (unmet !== null) return reject(unmet);
    if (baseVersion > this.#log.head) return reject('invalidBaseVersion');
    if (this.costOf(baseVersion, operations) > EDIT_TRANSFORM_COST_MAX) return reject('conflict');

    const rebased = this.#rebase(baseVersion, operations);
    if (typeof rebased === 'string') return reject(rebased);
    const client = this.#clients.learn(clientId, userId, null);
    // Without `once` nothing is read from the log: what is known here is all there is.
    client.neededUntil = once === undefined ? Infinity : now + API_CLIENT_MS;
    // Client ids are public: the person may have joined under this one, and used its numbers up.
    if (!Number.isSafeInteger(client.decidedSeq + rebased.length)) return reject('conflict');
    for (const operation of rebased) this.#log.take(client, client.decidedSeq + 1, operation, now);
    this.#pending.push({ ticket, version: this.#log.newest });
  }

  /** The edit was not committed; nothing of it is in the log. */
  reject(ticket: number, code: EditRejection): void {
    this.#effects.push({ type: 'editRejected', ticket, code });
  }

  /** A batch is durable: the edits in it are answered. */
  committed(): void {
    while (this.#pending[0] !== undefined && this.#pending[0].version <= this.#log.head) {
      this.#effects.push({ type: 'edited', ...this.#pending[0] });
      this.#pending.shift();
    }
  }

  /** The owner gives its state up: whether these edits are in the log is unknown. */
  rejectPending(): void {
    for (const { ticket } of this.#pending) this.reject(ticket, 'storeUnavailable');
  }

  /** Validates the operations and moves them over everything since their base; why that cannot be done, otherwise. */
  #rebase(
    baseVersion: number,
    operations: readonly TextOperation[],
  ): TextOperation[] | EditRejection {
    const { recent } = this.#log;
    let length = recent.lengthAt(baseVersion);
    for (const operation of operations) {
      const checked = validateOperation(operation, length, this.#limits);
      if (!checked.ok) return checked.fault;
      length += lengthChange(operation);
    }
    const committed = recent.between(baseVersion).map(({ op }) => op);
    const rebased = rebase(operations, committed);
    const change = rebased.reduce((sum, operation) => sum + lengthChange(operation), 0);
    const newLength = recent.lengthAt(recent.until) + change;
    return change > 0 && newLength > this.#limits.documentCodePoints ? 'documentTooLarge' : rebased;
  }

  /** Dedupe: an edit that was sent again is answered when it is durable. Returns whether this one was. */
  #isRepeated({ ticket, clientId, userId }: Edit, position: ClientPosition | null): boolean {
    const isUnknown = this.#clients.get(clientId, userId) === undefined;
    if (isUnknown && position !== null && position.version > this.#log.head) {
      // The log has an operation that this owner never wrote: its state is not the log's.
      this.reject(ticket, 'storeUnavailable');
      this.#overtaken();
      return true;
    }
    const { assignedSeq, assignedVersion } = this.#clients.learn(clientId, userId, position);
    if (assignedSeq === 0) return false;
    if (assignedVersion > this.#log.head) this.#pending.push({ ticket, version: assignedVersion });
    else this.#effects.push({ type: 'edited', ticket, version: assignedVersion });
    return true;
  }

  /** Why the condition of an edit does not hold now; null when it does. */
  #unmet({ kind, version }: EditCondition, userId: string): EditRejection | null {
    const { recent } = this.#log;
    if (recent.until === version) return null;
    if (kind === 'unchanged') return 'changedMeanwhile';
    const isKnown = version >= recent.from && version <= recent.until;
    if (!isKnown) return 'othersWrote';
    const since = recent.between(version);
    return since.every((logged) => isOwnByApi(logged, userId)) ? null : 'othersWrote';
  }
}
