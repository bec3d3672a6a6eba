/**
 * The owner of one document: the only one that gives its versions. Pure: inputs in, effects out, in one step.
 *
 *   submit ─▶ grant ─▶ rate ─▶ dedupe ─▶ validate ─▶ transform     submissions.ts
 *                                                      │
 *                                        version ─▶ gathered       commit-log.ts
 *                                                      │
 *                                    append, one at a time         here, #appendGathered
 *                                                      │ durable
 *            acknowledged, broadcast ◀─ the head moves ◀┘          here, #committed; delivery.ts
 *
 * What arrives while an append is under way is gathered and becomes the next batch. `joining.ts` lets clients in,
 * `api-edits.ts` takes edits by the REST API, `grants.ts` decides roles. No clock, randomness, timers or I/O here;
 * `document-runner.ts` has them.
 */
import type { DocumentText, EffectState, OperationLimits, TextOperation } from '@concord/ot';
import { effectTypes } from '@concord/protocol';
import type { LoggedOperation } from '../../store/ports/store.ts';
import { ApiEdits } from './api-edits.ts';
import { Clients } from './clients.ts';
import { CommitLog } from './commit-log.ts';
import { Delivery } from './delivery.ts';
import type {
  DocumentEffect,
  DocumentInput,
  DocumentTimer,
  OpenedDocument,
} from './document-messages.ts';
import { DocumentTitle } from './document-title.ts';
import { EffectSink } from './effect-sink.ts';
import { FoldedText } from './folded-text.ts';
import { Grants } from './grants.ts';
import { Heartbeat } from './heartbeat.ts';
import { Joining } from './joining.ts';
import { Presence } from './presence.ts';
import { Rejections } from './rejections.ts';
import { Room } from './room.ts';
import { Sessions, type Session } from './sessions.ts';
import { Submissions } from './submissions.ts';
import { Welcome } from './welcome.ts';

export class DocumentOwner {
  readonly #clients = new Clients();
  readonly #sessions = new Sessions();
  readonly #effects = new EffectSink(this.#sessions);
  readonly #log: CommitLog;
  readonly #text: FoldedText;
  readonly #title: DocumentTitle;
  readonly #presence: Presence;
  readonly #room: Room;
  readonly #grants: Grants;
  readonly #rejections: Rejections;
  readonly #submissions: Submissions;
  readonly #edits: ApiEdits;
  readonly #heartbeat: Heartbeat;
  readonly #welcome: Welcome;
  readonly #joining: Joining;
  readonly #delivery: Delivery;
  /** The state was given up, or left memory. */
  #isGone = false;

  constructor(opened: OpenedDocument) {
    const document = opened;
    const clients = this.#clients;
    const sessions = this.#sessions;
    const effects = this.#effects;
    const limits: OperationLimits = {
      components: opened.limits.operationComponents,
      bytes: opened.limits.operationBytes,
      documentCodePoints: opened.limits.documentCodePoints,
    };
    const overtaken = (): void => this.#giveUp('duplicate');
    const log = (this.#log = new CommitLog(opened, clients, effects));
    const types = opened.effectTypes ?? effectTypes;
    const text = (this.#text = new FoldedText(opened, log, types, effects));
    const title = (this.#title = new DocumentTitle(opened, effects));
    const presence = (this.#presence = new Presence(sessions, log, effects));
    const room = (this.#room = new Room(sessions, presence, effects));
    const grants = (this.#grants = new Grants(opened.access, room, title, effects));
    const rejections = (this.#rejections = new Rejections(log, clients, effects));
    this.#submissions = new Submissions({ log, room, grants, rejections, limits, effectTypes: types }); // prettier-ignore
    this.#edits = new ApiEdits({ log, clients, room, grants, effects, limits, overtaken });
    const heartbeat = (this.#heartbeat = new Heartbeat(sessions, log, grants, effects));
    const welcome = (this.#welcome = new Welcome({ document, log, sessions, grants, title, presence, heartbeat, effects })); // prettier-ignore
    this.#joining = new Joining({ document, log, clients, room, grants, text, rejections, welcome, effects, overtaken }); // prettier-ignore
    this.#delivery = new Delivery(sessions, text, heartbeat, effects);
  }

  /** The durable head version. */
  get version(): number {
    return this.#log.head;
  }
  /** The lowest version from which operations are in memory. */
  get recentFrom(): number {
    return this.#log.recent.from;
  }
  get title(): string {
    return this.#title.title;
  }
  get sessionCount(): number {
    return this.#sessions.size;
  }
  /** The durable text. */
  get text(): DocumentText {
    return this.#text.current;
  }
  /** What the durable effects led to; undefined for nothing. */
  get effectState(): EffectState | undefined {
    return this.#text.state;
  }
  /** Operations taken in but not durable yet. */
  get undurable(): number {
    return this.#log.undurable;
  }
  /** About how many bytes of memory all of it takes: UTF-16, operations as JSON and as objects, clients. */
  get memoryBytes(): number {
    const { recent } = this.#log;
    const operations = recent.until - recent.from;
    return 2 * this.#text.lengthUtf16 + recent.bytes + 200 * operations + 300 * this.#clients.size;
  }
  /** The operation that produced a version, or undefined when it is not in memory, or not durable. */
  operationAt(version: number): LoggedOperation | undefined {
    return version > this.#log.head ? undefined : this.#log.recent.at(version);
  }
  /** Component steps that moving consecutive operations to the newest version costs; Infinity from too far behind. */
  costOfEdit(baseVersion: number, operations: readonly TextOperation[]): number {
    return this.#edits.costOf(baseVersion, operations);
  }

  /** @param now milliseconds since 1970 */
  step(input: DocumentInput, now: number): readonly DocumentEffect[] {
    // A step that threw left effects of its own behind.
    this.#effects.drain();
    if (this.#isGone) {
      if (input.type === 'join') this.#joining.joinWhenGone(input, now);
      if (input.type === 'edit') this.#edits.reject(input.ticket, 'storeUnavailable');
    } else this.#handle(input, now);
    return this.#effects.drain();
  }

  #handle(input: DocumentInput, now: number): void {
    switch (input.type) {
      case 'submit':
        return this.#submissions.submit(input.session, input.message, now, input.refusal);
      case 'withdraw':
        return this.#submissions.submit(input.session, input.message, now);
      case 'edit':
        return this.#edits.edit(input, now);
      case 'flush':
        this.#log.flushed();
        return this.#appendGathered();
      case 'appended':
        return this.#committed(now);
      case 'appendFailed':
        return this.#giveUp(input.reason);
      case 'join':
        return this.#joining.join(input, now);
      case 'loaded':
        return this.#joining.loaded(input, now);
      case 'loadFailed':
        return this.#joining.loadFailed(input.session);
      case 'left':
        this.#joining.left(input.session, now);
        this.#grants.left(input.session);
        return this.#room.left(input.session);
      case 'presence': {
        const session = this.#heard(input.session, now);
        if (session !== null) this.#presence.caretMoved(session, input.message);
        return;
      }
      case 'probe': {
        const session = this.#heard(input.session, now);
        if (session === null) return;
        const head = { type: 'head', body: { version: this.#log.head } } as const;
        return this.#effects.send(session.number, head);
      }
      case 'checkpointed':
        this.#text.checkpointed(input.version);
        this.#bound();
        return this.#unloadWhenDone();
      case 'checkpointFailed':
        this.#text.checkpointFailed();
        return this.#unloadWhenDone();
      case 'timer':
        return this.#timer(input.name, now);
      case 'accessChanged':
        return this.#grants.accessChanged(input.access, now);
      case 'renewed': {
        const session = this.#sessions.get(input.session);
        if (session !== undefined) session.authorizedUntil = input.authorizedUntil;
        return;
      }
      case 'renamed':
        return this.#title.renamed(input);
      case 'personRenamed':
        return this.#presence.personRenamed(input.userId, input.name);
      case 'removed':
        return this.#giveUp('removed');
      case 'read':
        this.#grants.watch();
        return this.#room.read();
      case 'release':
        if (this.#room.release()) this.#unloadWhenDone();
        return;
      case 'stop':
        this.#room.close();
        return this.#unloadWhenDone();
    }
  }

  #timer(name: DocumentTimer, now: number): void {
    switch (name) {
      case 'carets':
        return this.#presence.broadcastCarets();
      case 'people':
        return this.#presence.broadcastPeople();
      case 'heartbeat':
        this.#welcome.clearTail();
        return this.#heartbeat.beat();
      case 'access':
        return this.#grants.recheck(now);
      case 'idle':
        if (this.#room.idled()) this.#unloadWhenDone();
        return;
    }
  }

  /** The session, when it is one, is within its rate for presence, and its grant holds. */
  #heard(number: number, now: number): Session | null {
    const session = this.#sessions.get(number);
    if (session === undefined || !session.presence.take(now)) return null;
    return this.#grants.isGranted(session, now) ? session : null;
  }

  // --- The commit pipeline ----------------------------------------------------------------------

  #appendGathered(): void {
    const batch = this.#log.nextBatch();
    if (batch === null) return;
    this.#effects.push({ type: 'append', batch });
  }

  /** The batch is durable, and only now is anything said of it: acknowledged and broadcast in one frame. */
  #committed(now: number): void {
    const batch = this.#log.committed();
    this.#text.committed(batch.firstVersion);
    // The next append begins before this one is told of.
    this.#appendGathered();
    this.#rejections.committed();
    this.#delivery.deliver(batch, now);
    this.#edits.committed();
    this.#bound();
    this.#unloadWhenDone();
  }

  /** Bounds what a cold open replays, and what operations take in memory. */
  #bound(): void {
    this.#text.checkpointWhenDue();
    if (this.#text.dropOldOperations()) this.#welcome.clearTail();
  }

  // --- Leaving memory ---------------------------------------------------------------------------

  /** Leaves memory when it is empty (or the server stops), everything is durable, and checkpointed. */
  #unloadWhenDone(): void {
    if (this.#log.undurable > 0 || this.#text.isCheckpointing || !this.#room.mayUnload) return;
    for (const session of this.#room.everyone()) this.#room.move(session);
    if (!this.#text.isCheckpointed) return this.#text.checkpoint();
    this.#leaveMemory();
  }

  /**
   * After a failed append it is unknown what is in the log; after `duplicate` another owner wrote it. The state is
   * dropped, never repaired: the next join opens the document from the store.
   */
  #giveUp(reason: 'duplicate' | 'unavailable' | 'removed'): void {
    for (const session of this.#room.everyone()) {
      if (reason === 'removed') {
        const detail = 'This document was deleted for ever. Your text stays on this device.';
        this.#room.refuse(session, 'accessRevoked', false, detail);
      } else if (reason === 'duplicate') this.#room.move(session);
      else {
        const detail = 'The server cannot store changes now. They are kept and sent again.';
        this.#room.refuse(session, 'storeUnavailable', true, detail);
      }
    }
    this.#edits.rejectPending();
    this.#leaveMemory();
  }

  #leaveMemory(): void {
    this.#isGone = true;
    this.#effects.push({ type: 'unload' });
  }
}
