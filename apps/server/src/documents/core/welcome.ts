/** What a client that may join gets: the head, what it lacks up to there, the people and their carets. */
import { TAIL_INLINE_BYTES } from '@concord/protocol';
import type { Client } from './clients.ts';
import type { CommitLog } from './commit-log.ts';
import type { OpenedDocument } from './document-messages.ts';
import type { DocumentTitle } from './document-title.ts';
import type { EffectSink } from './effect-sink.ts';
import type { Grants } from './grants.ts';
import type { Heartbeat } from './heartbeat.ts';
import { JoinProgress } from './join-progress.ts';
import type { Presence } from './presence.ts';
import type { Join } from './room.ts';
import type { Session, Sessions } from './sessions.ts';
import { SharedTail } from './shared-tail.ts';
import { SubmissionAllowances } from './submission-allowances.ts';

export interface WelcomeParts {
  readonly document: OpenedDocument;
  readonly log: CommitLog;
  readonly sessions: Sessions;
  readonly grants: Grants;
  readonly title: DocumentTitle;
  readonly presence: Presence;
  readonly heartbeat: Heartbeat;
  readonly effects: EffectSink;
}

export class Welcome {
  readonly #parts: WelcomeParts;
  readonly #allowances = new SubmissionAllowances();
  readonly #joinProgress = new JoinProgress();
  readonly #sharedTail = new SharedTail();

  constructor(parts: WelcomeParts) {
    this.#parts = parts;
  }

  /** The client becomes a session. */
  welcome(join: Join, client: Client, now: number): void {
    const { grants, presence, heartbeat, effects } = this.#parts;
    const { session, userId, name, authorizedUntil } = join;
    const { limits } = this.#parts.document;
    const asker = { userId, atMost: join.atMost ?? null };
    const { role, until: roleUntil } = grants.roleOf(asker, now);
    if (role === null) return;
    const times = this.#joinProgress.joined(client, join.message, now);
    if (times > 0) effects.push({ type: 'joinedInVain', clientId: client.clientId, times });
    const joined = this.#parts.sessions.add(
      session,
      {
        client,
        ownBefore: client.assignedVersion,
        name,
        asker,
        authorizedUntil,
        role,
        roleUntil,
        submissions: this.#allowances.of(userId, limits, now),
      },
      now,
    );
    this.#sendJoined(join, joined);
    presence.sendCarets(session);
    effects.push({ type: 'joined', session });
    presence.peopleChanged();
    grants.watch();
    heartbeat.start();
  }

  /** Sends the head and what leads there: a short tail comes along, a longer one in frames that all joiners share. */
  #sendJoined({ session, userId, message }: Join, { role, client }: Session): void {
    const { document, log, sessions, title, effects } = this.#parts;
    const { recent, head } = log;
    const { epoch, version } = message;
    const isShort = recent.bytesBetween(version, head) <= TAIL_INLINE_BYTES;
    const tail = isShort ? recent.between(version, head) : [];
    effects.send(session, {
      type: 'joined',
      body: {
        epoch,
        version: head,
        role,
        lastSeq: client.decidedSeq,
        tail,
        limits: document.limits,
        people: sessions.people(),
        peopleTotal: sessions.size,
        self: session,
        userId,
        title: title.title,
        titleVersion: title.titleVersion,
        historyId: document.historyId,
      },
    });
    if (isShort) return;
    for (const frame of this.#sharedTail.frames(recent, version, head))
      effects.send(session, frame);
  }

  /** The session of a client is over. */
  left(client: Client, now: number): void {
    this.#joinProgress.left(client, now);
  }

  /** Frees the frames that recent joiners shared. */
  clearTail(): void {
    this.#sharedTail.clear();
  }
}
