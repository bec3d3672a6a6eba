/**
 * One tab: carries out a ClientSession's effects as `document-client.ts` does, over the simulated network and device,
 * and checks the invariants after every step. The process may die at any moment.
 */
import type {
  ClientSession,
  Rename,
  SessionEffect,
  SessionInput,
  TimerName,
  VersionedTitle,
} from '@concord/client';
import type { DocumentText, Effect, EffectTypes, TextOperation } from '@concord/ot';
import type { ClientMessage, DocumentId, RenameId, ServerMessage } from '@concord/protocol';
import {
  checkClient,
  checkMerge,
  checkMergedCopy,
  checkOtherHistory,
  checkOvertaken,
  checkRefusal,
  checkVanished,
} from './client-checks.ts';
import { ClientLink, type LinkOptions } from './client-link.ts';
import type { Configuration } from './configuration.ts';
import type { Cores } from './cores.ts';
import type { Disk } from './disk.ts';
import type { Ledger, PersonLedger } from './ledger.ts';
import { JoinRate } from './join-rate.ts';
import { movedByDiff } from './moved-by-diff.ts';
import type { MarkLedger } from './mark-ledger.ts';
import type { Person } from './person.ts';
import type { Random } from './random.ts';
import { must } from './invariant-error.ts';
import { drawClientId, replicaOf, rowOf, visibleOf } from './replica-row.ts';
import type { Scheduled } from './scheduler.ts';
import type { SimulatedSnapshot } from './simulated-server.ts';
import { mustKeep, type SimulatedTitles } from './simulated-titles.ts';
import type { Guest } from './parse-frame.ts';

export interface ClientOptions extends LinkOptions {
  readonly cores: Cores;
  readonly configuration: Configuration;
  readonly random: Random;
  readonly disk: Disk;
  readonly person: Person;
  readonly ledger: Ledger;
  readonly documentId: DocumentId;
  readonly titles: SimulatedTitles;
  /** This client creates the document, maybe while offline. */
  readonly isFirst: boolean;
  /** Null in a world without effects. */
  readonly marking: Marking | null;
}

/** What people do beside the text. */
export interface Marking {
  readonly ledger: MarkLedger;
  readonly types: EffectTypes;
  readonly random: Random;
}

const SNAPSHOT_TIMEOUT_MS = 30_000;

export class SimulatedClient {
  readonly name: string;
  readonly account: PersonLedger;
  readonly #options: ClientOptions;
  #session: ClientSession | null = null;
  readonly #link: ClientLink;
  #connectTimer: Scheduled | null = null;
  readonly #timers = new Map<TimerName, Scheduled>();
  /** Incremented when the page dies; responses to former pages are dropped. */
  #page = 0;
  /** Term of this tab's writes to the device; a tab that takes the lead has a later one. */
  #term = 1;
  /** Another tab leads, and this one does not know yet. Its state is no longer checked. */
  #isGhost = false;
  /** What the page read by the REST API and typed over before its first join, which may tell an older title. */
  #titleRead: VersionedTitle = { title: '', titleVersion: 0 };
  /** The editor's text, maintained from changes only. */
  #editor: DocumentText;
  #joinRate = new JoinRate();
  /** Characters that remote changes removed in this step. */
  readonly #vanished = new Set<string>();
  #isMerging = false;
  /** The page is of an app that knows effects; an update never takes that away. */
  #knowsEffects = false;
  /** The device was stalled when the page opened: it runs in memory only, beside the stored replica. */
  #isSpare = false;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.name = options.guest.name;
    this.account = options.ledger.person(this.name, options.guest.userId);
    this.#editor = options.cores.DocumentText.empty;
    this.#link = new ClientLink(options, {
      connected: () => this.step({ type: 'connected' }),
      disconnected: () => this.step({ type: 'disconnected' }),
      message: (frame) =>
        this.step({ type: 'message', message: JSON.parse(frame) as ServerMessage }),
    });
  }

  /** Null while the page is closed. */
  get session(): ClientSession | null {
    return this.#session;
  }
  get guest(): Guest {
    return this.#options.guest;
  }

  /** The connection breaks. */
  cut(): void {
    this.#link.cut();
  }

  /** Opens the page with the device's row. */
  open(row: string | null): void {
    if (this.#session !== null) return;
    const { cores, disk, documentId, ledger, log, person } = this.#options;
    const { random, isFirst } = this.#options;
    const kept = row === null ? null : replicaOf(row, cores);
    const isAnswered = !disk.isStandingStill;
    const fresh = cores.newReplica(documentId, drawClientId(random));
    const { replica, isWithoutDevice } = cores.replicaToOpen(
      { isAnswered, replica: isAnswered ? kept : null, keptId: kept?.clientId ?? null },
      { ...fresh, isNew: isFirst && kept === null },
    );
    this.#isSpare = !isAnswered && kept !== null;
    this.#term = disk.term;
    ledger.owns(this.account, replica.clientId);
    const { marking, configuration } = this.#options;
    this.#knowsEffects ||=
      marking !== null && !marking.random.chance(configuration.marks.olderAppChance);
    const session = this.#knowsEffects
      ? new cores.ClientSession(replica, marking?.types)
      : new cores.ClientSession(replica);
    this.#session = session;
    mustKeep(this.name, replica.titleDraft ?? replica.title, session.title);
    this.#editor = session.buffer.visible;
    this.#joinRate.progressed();
    person.reloaded();
    // The edits of the device's row must reach the log, even if the device cannot be read now.
    const owed = kept ?? replica;
    const visible = owed === replica ? this.#editor : visibleOf(owed);
    ledger.reloaded(this.account, owed, visible.toString());
    // An older app drops what it does not know.
    const isDropped = owed === replica && !this.#knowsEffects;
    marking?.ledger.reloaded(this.account, isDropped ? session.replica : owed);
    log.record(this.name, 'opens', `${replica.clientId.slice(0, 4)} version ${replica.version}`);
    const former = random.chance(0.3) ? 'offline' : undefined;
    this.step({ type: 'start', former, isWithoutDevice });
  }

  /** The page dies. @returns the device's row */
  die(hasPowerLoss: boolean): string | null {
    const { disk, log } = this.#options;
    log.record(this.name, 'dies', hasPowerLoss ? 'power loss' : '');
    if (hasPowerLoss) this.#link.cut();
    this.#vanish();
    return disk.crash(hasPowerLoss);
  }

  /** Reopens a page that was opened without its device, as at the next visit. */
  openKept(): void {
    if (this.#isSpare && !this.#options.disk.isStandingStill) this.open(this.die(false));
  }

  /** Reopens a page whose access was refused or revoked, with the device's row. */
  openAgain(): void {
    const code = this.#session?.stopped?.code;
    if (code === 'accessRevoked' || code === 'notFound') this.open(this.die(false));
  }

  /** The connection's other end is gone, and the session does not know yet. */
  get isCutOff(): boolean {
    return this.#link.isDead;
  }

  /** Whether the editor takes input: the session goes on, with a role that may write. */
  get isWritable(): boolean {
    const session = this.#session;
    if (session === null || session.stopped !== null) return false;
    return session.role !== 'viewer' && session.role !== 'commenter';
  }

  /** The device has no network until `setOnline`. */
  setOffline(): void {
    this.#options.log.record(this.name, 'offline');
    this.#link.isOffline = true;
  }

  setOnline(isNoticed: boolean): void {
    if (!this.#link.isOffline) return;
    this.#options.log.record(this.name, 'online');
    this.#link.isOffline = false;
    if (!isNoticed) return;
    this.#joinRate.progressed();
    this.step({ type: 'networkBack' });
  }

  edit(operation: TextOperation): void {
    if (this.#session === null || operation.length === 0) return;
    const { ledger, log } = this.#options;
    log.record(this.name, 'edits', JSON.stringify(operation));
    ledger.edited(this.account, this.#session.buffer.visible, operation);
    const effects = this.#drawEffects(operation);
    this.step({ type: 'edit', operation, ...(effects.length === 0 ? {} : { effects }) });
    const alone = this.#drawEffects([]);
    if (alone.length > 0) this.step({ type: 'edit', operation: [], effects: alone });
  }

  /** What the person does beside an edit, in the text that it makes. */
  #drawEffects(operation: TextOperation): readonly Effect[] {
    const { marking, log, configuration } = this.#options;
    if (marking === null || !this.#knowsEffects || this.#session === null) return [];
    const { random, ledger } = marking;
    if (!random.chance(configuration.marks.chance)) return [];
    const text = this.#session.buffer.visible.apply(operation);
    const effects = ledger.draw(random, text.lengthCodePoints);
    log.record(this.name, 'marks', JSON.stringify(effects));
    ledger.made(this.account, text, effects);
    return effects;
  }

  /** The person types another character into the title. */
  retitle(random: Random): void {
    const character = this.#session === null ? null : this.#options.titles.character();
    if (this.#session === null || character === null) return;
    const { isTitleKnown, title: known } = this.#session;
    // Before the first join the page shows the title that it read by the REST API.
    if (!isTitleKnown) this.#titleRead = this.#options.titles.current;
    const base = isTitleKnown ? known : this.#titleRead.title;
    const characters = Array.from(base);
    characters.splice(random.integer(0, characters.length), 0, character);
    const title = characters.join('');
    const id = drawClientId(random) as string as RenameId;
    this.step({ type: 'rename', title, id, base });
    const session = this.#session;
    if (session !== null && session.state !== 'stopped') mustKeep(this.name, title, session.title);
  }

  step(input: SessionInput): void {
    const session = this.#session;
    if (session === null) return;
    const before = session.buffer;
    const { title } = session;
    this.#vanished.clear();
    const wasNotKept = session.isNotKept;
    const effects = session.step(input);
    // Without its device a tab learns only from the new leader that it lost the lead; a blocked one sends nothing.
    if (this.#isGhost && session.isWithoutDevice) return this.#vanish();
    for (const effect of effects) this.#run(effect);
    if (input.type === 'snapshot' && (input.operation === null || before.inFlight !== null)) {
      const { account } = this;
      this.#options.ledger.rebased(account, movedByDiff(before, input.text, account.undeleted));
      const pendingEffects = before.effects.pending;
      this.#options.marking?.ledger.rebased({ inFlight: before.inFlight, pendingEffects });
    }
    const { inFlight } = before;
    if (inFlight !== null && session.buffer.inFlight?.seq !== inFlight.seq) {
      this.#joinRate.progressed();
    }
    if (this.#isGhost) return;
    this.#checkTitle(title, input);
    // Refused edits may vanish, since the person is told.
    const isTold = effects.some(({ type }) => type === 'editRefused');
    if (!isTold) {
      checkVanished(this.name, this.#vanished, session.buffer.visible, this.#options.ledger);
    }
    if (!this.#isSpare) {
      const { disk } = this.#options;
      if (session.isNotKept) disk.isBehind = true;
      else if (wasNotKept && this.#isPastItsLog(session)) disk.isBehind = false;
    }
    checkOtherHistory(this.name, session, this.#options.ledger);
    checkClient({
      name: this.name,
      session,
      before,
      wasRejected:
        (input.type === 'message' && input.message.type === 'rejected') ||
        effects.some(({ type }) => type === 'overtaken'),
      isSpare: this.#isSpare,
      editor: this.#editor,
      status: this.#options.cores.statusOf(session),
      account: this.account,
      ledger: this.#options.ledger,
      marks: this.#knowsEffects ? (this.#options.marking?.ledger ?? null) : null,
    });
  }

  /** Whether no log has, or had, an operation of this client with a sequence number that the row does not know. */
  #isPastItsLog({ replica, buffer }: ClientSession): boolean {
    const { ledger } = this.#options;
    return buffer.nextSeq > ledger.lastSeqEverOf(replica.clientId, this.account.userId);
  }

  /** Typed characters leave the title only by a refusal, and a title shown as saved is in the store. */
  #checkTitle(before: string, input: SessionInput): void {
    const session = this.#session;
    if (session === null || session.title === before) return;
    const isRefused = input.type === 'renameFailed' && input.isFinal;
    const { title: read, titleVersion } = this.#titleRead;
    const others = new Set(session.replica.titleVersion < titleVersion ? read : '');
    const typed = Array.from(before).filter((character) => !others.has(character));
    if (!isRefused) mustKeep(this.name, typed.join(''), session.title);
    const { current } = this.#options.titles;
    if (session.isTitleSaved) mustKeep('the store', session.title, current.title);
  }

  #run(effect: SessionEffect): void {
    const { scheduler, random, disk, ledger, log, person, configuration } = this.#options;
    switch (effect.type) {
      case 'connect': {
        const { minDelayMs, maxDelayMs } = effect;
        if (this.#connectTimer !== null) this.#connectTimer.cancelled = true;
        const delay = minDelayMs + random.next() * (maxDelayMs - minDelayMs);
        this.#connectTimer = scheduler.after(delay, () => this.#link.connect());
        return;
      }
      case 'disconnect':
        if (this.#connectTimer !== null) this.#connectTimer.cancelled = true;
        return this.#link.disconnect();
      case 'send':
        this.#sending(effect.message);
        if (effect.message.type === 'join') this.#joinRate.joins(this.name, scheduler.now);
        return this.#link.send(effect.message);
      case 'save': {
        if (this.#isSpare) return;
        const { replica, durability, ticket } = effect;
        const page = this.#page;
        const { isTitleSaved = true, title = '' } = this.#session ?? {};
        must(
          isTitleSaved || replica.titleDraft === title,
          'I5',
          () => `${this.name} keeps ${replica.titleDraft} of the title ${title}`,
        );
        if (this.#session !== null) {
          this.#options.marking?.ledger.checkKept(this.name, replica, this.#session);
        }
        disk.write(this.#term, rowOf(replica), durability, (outcome) => {
          if (page !== this.#page) return;
          log.record(this.name, outcome, `${ticket} ${durability}`);
          this.step(outcome === 'superseded' ? { type: outcome } : { type: outcome, ticket });
        });
        return;
      }
      case 'startTimer': {
        const { name, ms } = effect;
        const former = this.#timers.get(name);
        if (former !== undefined) former.cancelled = true;
        const fire = (): void => {
          this.#timers.delete(name);
          this.step({ type: 'timer', name });
        };
        this.#timers.set(name, scheduler.after(ms, fire));
        return;
      }
      case 'cancelTimer': {
        const timer = this.#timers.get(effect.name);
        if (timer !== undefined) timer.cancelled = true;
        this.#timers.delete(effect.name);
        return;
      }
      case 'fetchSnapshot':
        return this.#fetchSnapshot(effect);
      case 'create':
        return this.#create(effect.minDelayMs, effect.maxDelayMs);
      case 'rename':
        return this.#rename(effect.rename);
      case 'merged':
        return checkMerge(this.name, effect.merge, ledger);
      case 'changed':
        this.#editor = this.#editor.apply(effect.operation);
        if (this.#isGhost) return;
        if (effect.origin === 'remote') this.#note(effect.before, effect.operation);
        person.changed(effect.before, effect.operation, effect.origin === 'local');
        return;
      case 'editRefused':
        log.record(this.name, 'refused', `${effect.code} ${effect.detail}`);
        checkRefusal(this.name, effect.code, configuration.limits);
        this.#marksAreRefused();
        return ledger.refused(this.account, this.#editor.toString());
      case 'effectsRefused':
        log.record(this.name, 'refused effects', effect.detail);
        must(
          configuration.marks.isServerOlder,
          'I5',
          () => `${this.name} was refused effects: ${effect.detail}`,
        );
        return this.#marksAreRefused();
      case 'overtaken': {
        const { copy, server, isDropped } = effect;
        log.record(this.name, 'overtaken', isDropped ? 'dropped' : 'kept');
        if (this.#isGhost) return;
        checkOvertaken(this.name, disk.isBehind, isDropped, copy, server);
        const { session } = this;
        // No row records whether deletions of a page in memory reached the server.
        if (isDropped && session !== null) {
          // A mark that was not sent is not dropped: no text tells whether the server has it.
          ledger.reloaded(this.account, session.replica, session.buffer.visible.toString());
        }
        return;
      }
      case 'diverged':
        log.record(this.name, 'diverged');
        return;
      case 'peopleChanged':
      case 'caretsChanged':
      case 'titleChanged':
      case 'roleChanged':
        return;
      default:
        effect satisfies never;
    }
  }

  /** What left with a refused edit is not owed. What another tab has is its business. */
  #marksAreRefused(): void {
    const { marking } = this.#options;
    if (marking === null || this.#session === null || this.#isGhost) return;
    const { replica } = this.#session;
    marking.ledger.reloaded(this.account, replica);
    // A deletion that is taken back inserts anew what a mark had hung on.
    marking.ledger.rebased(replica);
  }

  /** Sends an HTTP request; the response may be lost, or arrive after the page is gone. */
  #ask<T>(question: (answer: (value: T | null) => void) => void, done: (value: T | null) => void) {
    const { network, scheduler } = this.#options;
    const page = this.#page;
    let isAnswered = false;
    const answer = (value: T | null): void => {
      if (isAnswered || page !== this.#page) return;
      isAnswered = true;
      done(value);
    };
    scheduler.after(network.latency(), () => {
      if (this.#link.isOffline) return answer(null);
      question((value) => {
        scheduler.after(network.latency(), () => answer(this.#link.isOffline ? null : value));
      });
    });
    scheduler.after(SNAPSHOT_TIMEOUT_MS, () => answer(null));
  }

  #create(minDelayMs: number, maxDelayMs: number): void {
    const { scheduler, random, server } = this.#options;
    if (this.#connectTimer !== null) this.#connectTimer.cancelled = true;
    const delay = minDelayMs + random.next() * (maxDelayMs - minDelayMs);
    this.#connectTimer = scheduler.after(delay, () =>
      this.#ask<true>(
        (answer) => server.create(answer),
        (isCreated) =>
          this.step(
            isCreated === true
              ? { type: 'created' }
              : { type: 'createFailed', isFinal: false, code: 'network', detail: '' },
          ),
      ),
    );
  }

  #rename({ id, base, title }: Rename): void {
    const { server, guest } = this.#options;
    this.#ask<VersionedTitle | 'refused'>(
      (answer) => server.rename(guest.userId, { title, base, renameId: id }, answer),
      (named) =>
        this.step(
          named === null || named === 'refused'
            ? { type: 'renameFailed', id, isFinal: named !== null }
            : { type: 'renamed', id, ...named },
        ),
    );
  }

  #sending(message: ClientMessage): void {
    const { ledger, configuration } = this.#options;
    const session = this.#session;
    if (message.type !== 'submit' || session === null) return;
    const client = `${session.replica.clientId} ${this.account.userId}`;
    const { seq, baseVersion } = message.body;
    ledger.sent(client, seq);
    if (configuration.restoresPerMinute === 0) return;
    ledger.madeFor(client, seq, baseVersion, session.buffer.confirmed.toString());
  }

  #note(before: DocumentText, operation: TextOperation): void {
    let position = 0;
    for (const component of operation) {
      if (typeof component === 'number') position += component;
      else if (typeof component !== 'string') {
        const deleted = before.sliceCodePoints(position, position + component.d);
        for (const character of deleted) this.#vanished.add(character);
        position += component.d;
      }
    }
  }

  /** The person merges a copy of another history into the server's text. */
  mergeCopy(): void {
    const { cores, server, log, ledger, random, disk } = this.#options;
    const session = this.#session;
    const isCopy =
      session?.stopped?.code === 'otherHistory' || session?.stopped?.code === 'overtaken';
    if (!isCopy || this.#isMerging || this.#isGhost) return;
    this.#isMerging = true;
    this.#ask<SimulatedSnapshot>(
      (answer) => server.snapshot(0, null, null, answer),
      (snapshot) => {
        this.#isMerging = false;
        if (snapshot === null || this.#session !== session) return;
        const text = cores.DocumentText.from(snapshot.text);
        const copy = session.replica;
        // A viewer cannot merge: the copy is dropped, and the page goes on with the server's text.
        const mayWrite = this.guest.role !== 'viewer';
        const id = drawClientId(random);
        const { marking } = this.#options;
        const types = this.#knowsEffects ? marking?.types : undefined;
        const merged = cores.mergeCopy(copy, { ...snapshot, text }, id, mayWrite, types);
        marking?.ledger.merges(copy);
        log.record(this.name, 'merges', JSON.stringify(merged.pending));
        ledger.merges(merged.pending);
        const row = rowOf(merged);
        const page = this.#page;
        this.#isMerging = true;
        disk.write(this.#term, row, 'strict', (outcome) => {
          if (page !== this.#page) return;
          this.#isMerging = false;
          if (outcome !== 'saved') return;
          const seen = session.buffer.visible;
          this.#vanish();
          this.open(row.toString());
          ledger.merged(merged.pending);
          if (mayWrite) checkMergedCopy(this.name, seen, text.apply(merged.pending));
        });
      },
    );
  }

  #fetchSnapshot({
    atLeastVersion,
    afterVersion,
    head,
  }: Extract<SessionEffect, { type: 'fetchSnapshot' }>): void {
    const { cores, server, log } = this.#options;
    this.#ask<SimulatedSnapshot>(
      (answer) => server.snapshot(atLeastVersion, afterVersion, head, answer),
      (snapshot) => {
        const found = snapshot?.version ?? 'failed';
        log.record(this.name, 'snapshot', `${found} for ${atLeastVersion}`);
        if (snapshot === null) return this.step({ type: 'snapshotFailed', detail: 'failed' });
        const text = cores.DocumentText.from(snapshot.text);
        this.step({ type: 'snapshot', ...snapshot, text });
      },
    );
  }

  /**
   * Another tab takes the lead from this one, which does not answer. This one goes on in memory for a while without
   * knowing. @returns the new leader
   */
  robbed(): SimulatedClient {
    const { disk, log, scheduler, random } = this.#options;
    if (this.#session === null) return this;
    log.record(this.name, 'is robbed of the lead');
    const heir = new SimulatedClient(this.#options);
    if (this.#link.isOffline) heir.setOffline();
    this.#isGhost = true;
    heir.open(disk.takeOver());
    // It learns of the takeover later, and mirrors the leader from then on.
    if (this.#session.isWithoutDevice || this.#isSpare) this.#vanish();
    else scheduler.after(random.skewed(0, 20_000), () => this.#vanish());
    return heir;
  }

  #vanish(): void {
    this.#session = null;
    this.#isMerging = false;
    this.#page++;
    for (const timer of this.#timers.values()) timer.cancelled = true;
    this.#timers.clear();
    if (this.#connectTimer !== null) this.#connectTimer.cancelled = true;
    this.#link.disconnect();
  }
}
