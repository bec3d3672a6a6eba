/**
 * What clients submit, in the order of the checks: grant ─▶ rate ─▶ dedupe ─▶ order ─▶ role ─▶ room in the store,
 * then the decision on the number: validate ─▶ effects ─▶ transform ─▶ length ─▶ version. What comes after is the
 * commit log's and the owner's.
 */
import {
  lengthChange,
  transformChange,
  transformUncommitted,
  validateOperation,
  type Effect,
  type EffectTypes,
  type OperationLimits,
  type TextOperation,
} from '@concord/ot';
import {
  EFFECTS_BYTES,
  EFFECTS_PER_CHANGE,
  type RejectionCode,
  type SubmitMessage,
  type WithdrawMessage,
} from '@concord/protocol';
import { may } from '../../access/core/permissions.ts';
import type { CommitLog } from './commit-log.ts';
import type { StorageRefusal } from './document-messages.ts';
import type { Grants } from './grants.ts';
import type { Rejections } from './rejections.ts';
import type { Room } from './room.ts';
import type { Session } from './sessions.ts';

/** Component steps that transforming one submission may cost: a few milliseconds (I8). */
const TRANSFORM_COST_MAX = 100_000;
/** Component steps that cost as much of a person's token bucket as one operation. */
const TRANSFORM_COST_PER_TOKEN = 5_000;

export interface SubmissionsParts {
  readonly log: CommitLog;
  readonly room: Room;
  readonly grants: Grants;
  readonly rejections: Rejections;
  readonly limits: OperationLimits;
  readonly effectTypes: EffectTypes;
}

const EFFECT_LIMITS = { effects: EFFECTS_PER_CHANGE, effectBytes: EFFECTS_BYTES };

export class Submissions {
  readonly #log: CommitLog;
  readonly #room: Room;
  readonly #grants: Grants;
  readonly #rejections: Rejections;
  readonly #limits: OperationLimits;
  readonly #effectTypes: EffectTypes;

  constructor({ log, room, grants, rejections, limits, effectTypes }: SubmissionsParts) {
    this.#log = log;
    this.#room = room;
    this.#grants = grants;
    this.#rejections = rejections;
    this.#limits = limits;
    this.#effectTypes = effectTypes;
  }

  /**
   * A submitted operation, or the withdrawal of its number, which passes the same checks and is then rejected.
   *
   * @param refusal why nothing of this person can be stored now; null when it can
   */
  submit(
    number: number,
    message: SubmitMessage | WithdrawMessage,
    now: number,
    refusal: StorageRefusal | null = null,
  ): void {
    const { seq } = message;
    const session = this.#room.sessions.get(number);
    // A late packet of a session that is over, or the document is being closed: the client keeps the operation and
    // sends it again after its next join.
    if (session === undefined || this.#room.isClosing || !this.#grants.isGranted(session, now)) {
      return;
    }
    const { client } = session;

    if (!session.submissions.take(now)) {
      return this.#rejections.send(number, {
        seq,
        code: 'rateLimited',
        retryable: true,
        retryAfterMs: session.submissions.waitMs(),
        detail: 'Too many changes at once; they are sent again in a moment.',
      });
    }
    if (seq <= client.decidedSeq) return this.#rejections.repeat(number, client, seq);
    if (seq > client.decidedSeq + 1) {
      return this.#rejections.send(number, {
        seq,
        code: 'futureSequence',
        retryable: true,
        detail: `Expected sequence number ${client.decidedSeq + 1}.`,
      });
    }
    if (!may(session.role, 'write')) {
      return this.#rejections.send(number, {
        seq,
        code: 'readOnly',
        retryable: true,
        detail: 'You may read this document, not change it.',
      });
    }
    // After the dedupe: what is in the log is not rejected.
    if (refusal !== null) {
      return this.#rejections.send(number, { seq, retryable: true, ...refusal });
    }
    if (this.#log.isFull) {
      return this.#rejections.send(number, {
        seq,
        code: 'storeUnavailable',
        retryable: true,
        retryAfterMs: 1_000,
        detail: 'The store is slower than what arrives; changes are sent again in a moment.',
      });
    }
    this.#decide(session, message, now);
  }

  /** From here on the number is decided: by a version, or by a permanent rejection. Or the client has to join again. */
  #decide(session: Session, message: SubmitMessage | WithdrawMessage, now: number): void {
    const { client, number } = session;
    const { seq } = message;
    const { recent, head } = this.#log;
    const reject = (code: RejectionCode, detail: string): void =>
      this.#rejections.reject(number, client, { seq, code, retryable: false, detail }, now);

    if (!('baseVersion' in message)) {
      return reject('withdrawn', 'The change grew too large; it is cut and sent again.');
    }
    const { baseVersion, op } = message;
    const { assignedVersion } = client;
    const isBeforeOwn = assignedVersion > session.ownBefore && baseVersion < assignedVersion;
    if (baseVersion > head || isBeforeOwn) {
      return reject('invalidBaseVersion', `Version ${baseVersion} cannot be the base.`);
    }
    if (baseVersion < recent.from) return this.#tooFarBehind(number);

    const checked = validateOperation(op, recent.lengthAt(baseVersion), this.#limits);
    if (!checked.ok) return reject(checked.fault, checked.detail);

    let effects: readonly Effect[] | undefined;
    if (message.effects !== undefined) {
      const length = recent.lengthAt(baseVersion) + checked.lengthChange;
      const parsed = this.#effectTypes.parse(message.effects, length, EFFECT_LIMITS);
      if (!parsed.ok) return reject('effectsRefused', parsed.detail);
      effects = parsed.effects;
    }

    let transformed = checked.operation;
    if (baseVersion < recent.until) {
      if (!this.#affordsTransform(session, transformed, effects, baseVersion, now)) {
        return this.#tooFarBehind(number);
      }
      // Over single log operations, never a composed range (docs/protocol.md, "Sides").
      for (const { op: committed } of recent.between(baseVersion)) {
        if (effects === undefined) transformed = transformUncommitted(transformed, committed);
        else {
          const moved = transformChange(this.#effectTypes, { op: transformed, effects }, committed);
          transformed = moved.op;
          effects = moved.effects;
        }
      }
    }

    const { documentCodePoints } = this.#limits;
    const change = lengthChange(transformed);
    if (change > 0 && recent.lengthAt(recent.until) + change > documentCodePoints) {
      return reject('documentTooLarge', `At most ${documentCodePoints} characters are allowed.`);
    }

    client.rejection = null;
    this.#log.take(client, seq, transformed, now, effects);
  }

  /** Whether moving a change to the newest version costs no more than one may; it is charged to the person. */
  #affordsTransform(
    session: Session,
    operation: TextOperation,
    effects: readonly Effect[] | undefined,
    baseVersion: number,
    now: number,
  ): boolean {
    // With effects each operation is moved over this one as well, and each effect over that.
    const passes = effects === undefined ? 1 : 2 + effects.length;
    const cost = passes * this.#log.recent.transformCost(baseVersion, operation.length);
    if (cost > TRANSFORM_COST_MAX) return false;
    session.submissions.take(now, Math.floor(cost / TRANSFORM_COST_PER_TOKEN));
    return true;
  }

  /** The client joins again: it gets the tail, and transforms its operation over it itself. */
  #tooFarBehind(session: number): void {
    const detail = 'Too far behind; the newest text follows.';
    this.#room.refuse(session, 'slowReader', true, detail);
  }
}
