/**
 * Joins, in the order of the checks: grant ─▶ protocol ─▶ what must be read from the store first ─▶ epoch ─▶ history
 * ─▶ divergence ─▶ resync or welcome. A join that waits for the store begins anew with what was read.
 */
import {
  OLDEST_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  SESSIONS_PER_DOCUMENT,
  type JoinMessage,
} from '@concord/protocol';
import type { Client, Clients } from './clients.ts';
import type { CommitLog } from './commit-log.ts';
import { isProvenDivergence } from './divergence.ts';
import type { DocumentInput, OpenedDocument } from './document-messages.ts';
import type { EffectSink } from './effect-sink.ts';
import type { FoldedText } from './folded-text.ts';
import type { Grants } from './grants.ts';
import { isOfAnotherHistory, needsChecksum, needsEntry } from './join-history.ts';
import type { Rejections } from './rejections.ts';
import type { Join, Room } from './room.ts';
import { isTailTooLong, tailBytesMax } from './shared-tail.ts';
import type { Welcome } from './welcome.ts';

type Loaded = Extract<DocumentInput, { type: 'loaded' }>;
/** What the store said of a join. */
type Found = Pick<Loaded, 'isTooLong' | 'entry' | 'checksum'>;

/** What the client has cannot be led on from by a tail: its text is another, or it has no state of effects. */
const mustReplace = ({ diverged, lacksEffects }: JoinMessage): boolean =>
  diverged === true || lacksEffects === true;

interface Missing {
  readonly isWindowKnown: boolean;
  readonly isEntryWanted: boolean;
  readonly isChecksumWanted: boolean;
}

type Evidence = Pick<Found, 'entry' | 'checksum'> & Omit<Missing, 'isWindowKnown'>;

export interface JoiningParts {
  readonly document: Pick<OpenedDocument, 'historyId'>;
  readonly log: CommitLog;
  readonly clients: Clients;
  readonly room: Room;
  readonly grants: Grants;
  readonly text: FoldedText;
  readonly rejections: Rejections;
  readonly welcome: Welcome;
  readonly effects: EffectSink;
  /** The log has an operation that this owner never wrote. */
  readonly overtaken: () => void;
}

export class Joining {
  readonly #historyId: string;
  readonly #log: CommitLog;
  readonly #clients: Clients;
  readonly #room: Room;
  readonly #grants: Grants;
  readonly #text: FoldedText;
  readonly #rejections: Rejections;
  readonly #welcome: Welcome;
  readonly #effects: EffectSink;
  readonly #overtaken: () => void;
  /** The client that each connection joined as last: late packets of it may still arrive while it is open. */
  readonly #joinedAs = new Map<number, Client>();

  constructor(parts: JoiningParts) {
    this.#historyId = parts.document.historyId;
    this.#log = parts.log;
    this.#clients = parts.clients;
    this.#room = parts.room;
    this.#grants = parts.grants;
    this.#text = parts.text;
    this.#rejections = parts.rejections;
    this.#welcome = parts.welcome;
    this.#effects = parts.effects;
    this.#overtaken = parts.overtaken;
  }

  /**
   * @param found what the store said: whether the operations that the client lacks take more than a join may bring, and
   * the operation that produced the join's version, when that was asked for; null when the log has none
   */
  join(join: Join, now: number, found: Found = { isTooLong: false }): void {
    const { session, userId } = join;
    const { clientId, epoch, version, protocol } = join.message;
    // First of all: without a grant, a join learns nothing of the document, and changes nothing known of a client.
    const asker = { userId, atMost: join.atMost ?? null };
    if (this.#grants.roleOf(asker, now).role === null) {
      return this.#grants.refuseUnknown(session);
    }
    if (now >= join.authorizedUntil) return this.#grants.refuseExpired(session);
    if (this.#room.isClosing) return this.#room.move(session);
    if (protocol < OLDEST_PROTOCOL_VERSION || protocol > PROTOCOL_VERSION) {
      const detail = `This server speaks versions ${OLDEST_PROTOCOL_VERSION} to ${PROTOCOL_VERSION}. Reload the page.`;
      return this.#room.refuse(session, 'unsupportedProtocol', false, detail);
    }
    const client = this.#clients.get(clientId, userId);
    const isResync =
      found.isTooLong || mustReplace(join.message) || isTailTooLong(this.#log, version);
    const isWindowKnown = version >= this.#log.recent.from || isResync;
    const { entry, checksum, isEntryWanted, isChecksumWanted } = this.#evidence(join, found);
    if (client === undefined || !isWindowKnown || isEntryWanted || isChecksumWanted) {
      return this.#load(join, { isWindowKnown, isEntryWanted, isChecksumWanted });
    }
    if (epoch <= client.epoch) {
      // A late packet of a dead epoch, or the same join twice.
      if (this.#room.sessions.get(session)?.client === client) return;
      const detail = 'A newer connection of this tab exists.';
      return this.#room.refuse(session, 'staleEpoch', true, detail);
    }
    this.#fenceFormerEpochs(join, client, now);

    const own = { historyId: this.#historyId, head: this.#log.head, entry: entry ?? null, checksum }; // prettier-ignore
    if (isOfAnotherHistory(join.message, own)) {
      const detail =
        'The server was restored from a backup, and what this device has of the document belongs to ' +
        'its former history. Nothing was sent or changed; the text stays on this device.';
      const code = protocol < 3 ? 'ahead' : 'otherHistory';
      return this.#room.refuse(session, code, false, detail);
    }
    if (join.message.diverged === true) {
      const isProven = isProvenDivergence(join.message, own, this.#text.knownChecksum(version));
      this.#effects.push({ type: 'divergence', session, clientId, isProven });
    }
    // A number that no operation has is the client's to give, also one that was rejected by an owner who is gone:
    // a device may have kept the operation, and lost the news. The own rejection stands.
    const { nextSeq } = join.message;
    const decided = client.rejection?.seq === nextSeq ? nextSeq : client.assignedSeq;
    client.decidedSeq = Math.max(decided, nextSeq - 1);

    if (isResync) return this.#resync(join, client);
    if (this.#room.sessions.size >= SESSIONS_PER_DOCUMENT) {
      const detail = 'Too many people have this document open. It is tried again by itself.';
      return this.#room.refuse(session, 'tooManySessions', true, detail);
    }
    this.#welcome.welcome(join, client, now);
  }

  /** The store answered what a join waits for. */
  loaded(input: Loaded, now: number): void {
    const join = this.#room.waitingJoin(input.session);
    const { clientId, epoch } = input;
    if (join?.message.clientId !== clientId || join.message.epoch !== epoch) return;
    const isUnknown = this.#clients.get(clientId, join.userId) === undefined;
    if (isUnknown && input.position !== null && input.position.version > this.#log.head) {
      // The log has an operation that this owner never wrote: its state is not the log's.
      return this.#overtaken();
    }
    this.#room.stopWaiting(input.session);
    this.#clients.learn(clientId, join.userId, input.position);
    // Another join's load may have been faster; this one asks again for what is still missing.
    const { recent } = this.#log;
    if (input.operations.length > 0 && input.untilVersion === recent.from) {
      recent.prepend(input.operations);
    }
    this.join(join, now, input);
  }

  loadFailed(session: number): void {
    if (!this.#room.stopWaiting(session)) return;
    this.#room.refuse(session, 'storeUnavailable', true, 'The store cannot be read now.');
  }

  /** A join at an owner that has given its state up: the next one finds the document opened again. */
  joinWhenGone({ session, userId, atMost = null }: Join, now: number): void {
    const { role } = this.#grants.roleOf({ userId, atMost }, now);
    if (role === null) this.#grants.refuseUnknown(session);
    else this.#room.move(session);
  }

  /** The connection is gone, or its client left. */
  left(session: number, now: number): void {
    const client = this.#room.sessions.get(session)?.client;
    if (client !== undefined) this.#welcome.left(client, now);
    this.#joinedAs.delete(session);
  }

  /** What is known of the log at the join's version, to compare histories with; wanted is what the store must tell. */
  #evidence({ message }: Join, found: Found): Evidence {
    const { head, recent } = this.#log;
    const { version } = message;
    const entry = recent.at(version) ?? found.entry;
    const isOwnText = version === head && needsChecksum(message, { head });
    const checksum = isOwnText ? this.#text.current.checksum : found.checksum;
    return {
      entry,
      checksum,
      isEntryWanted: entry === undefined && needsEntry(message, { head }),
      isChecksumWanted: checksum === undefined && needsChecksum(message, { head }),
    };
  }

  /** The join waits for what the store knows of its client, and for what else is not in memory. */
  #load(join: Join, { isWindowKnown, isEntryWanted, isChecksumWanted }: Missing): void {
    const { session, userId } = join;
    const { clientId, epoch, version } = join.message;
    this.#room.wait(join);
    this.#effects.push({
      type: 'load',
      session,
      clientId,
      epoch,
      userId,
      afterVersion: version,
      untilVersion: isWindowKnown ? version : this.#log.recent.from,
      bytesMax: tailBytesMax(this.#log),
      entryVersion: isEntryWanted ? version : null,
      checksumVersion: isChecksumWanted ? version : null,
    });
  }

  /** Fencing: from here on, packets of the client's former epochs are dropped, and its former session is over. */
  #fenceFormerEpochs({ session, message }: Join, client: Client, now: number): void {
    client.epoch = message.epoch;
    this.#joinedAs.set(session, client);
    this.#clients.forget((each) => this.#isNeeded(each, now));
    this.#room.stopWaiting(session);
    const former = this.#room.sessions.ofClient(client);
    if (former !== undefined && former.number !== session) {
      this.#room.refuse(former.number, 'staleEpoch', true, 'This tab connected again.');
    } else this.#room.remove(session);
  }

  /** Sends the client to a snapshot, when the tail is longer than that, or its text is another one. */
  #resync({ session, message }: Join, client: Client): void {
    // A snapshot may be newer than this answer: it must not contain an operation that the answer does not tell of.
    if (client.assignedVersion > this.#log.head) return this.#room.move(session);
    const body = {
      epoch: message.epoch,
      version: this.#log.head,
      lastCommittedSeq: client.durableSeq,
      lastCommittedVersion: client.durableVersion,
    };
    this.#effects.send(session, { type: 'resync', body });
  }

  /**
   * Whether something of the client is known here that the log does not have: it is present, or its connection is
   * still there, so that its former epochs must stay dead, or something of it is on its way.
   */
  #isNeeded(client: Client, now: number): boolean {
    if (now < client.neededUntil || this.#rejections.isNeeded(client)) return true;
    const { assignedVersion, durableSeq, assignedSeq } = client;
    if (assignedVersion > this.#log.head || durableSeq !== assignedSeq) return true;
    for (const each of this.#joinedAs.values()) if (each === client) return true;
    // What the store answers to a join that waits may be older than what is known.
    for (const { message, userId } of this.#room.waitingJoins) {
      if (message.clientId === client.clientId && userId === client.userId) return true;
    }
    return this.#room.sessions.ofClient(client) !== undefined;
  }
}
