/**
 * Who may do what, live (I7): every message is checked against the access list as it is now, and against the end of
 * the proof of identity. A changed role is told at once, and again with each heartbeat, since a frame may be lost.
 */
import { ACCESS_CHECK_MS } from '@concord/protocol';
import { currentRoleLive, type Asker, type DocumentAccess } from '../../access/core/permissions.ts';
import type { DocumentTitle } from './document-title.ts';
import type { EffectSink } from './effect-sink.ts';
import type { Room } from './room.ts';
import type { Session } from './sessions.ts';

export class Grants {
  readonly #room: Room;
  readonly #title: DocumentTitle;
  readonly #effects: EffectSink;
  #access: DocumentAccess;
  /** Connections that were told of a new role: the frame may be lost, or late, even after another join in it. */
  readonly #toldRoles = new Set<number>();
  #isWatching = false;

  constructor(access: DocumentAccess, room: Room, title: DocumentTitle, effects: EffectSink) {
    this.#access = access;
    this.#room = room;
    this.#title = title;
    this.#effects = effects;
  }

  /** The role of a person now, and until when it is certain; null for none. */
  roleOf(asker: Asker, now: number): ReturnType<typeof currentRoleLive> {
    return currentRoleLive(this.#access, asker, now);
  }

  /** Whether the session may still be heard: its proof is good, its role certain. Otherwise it is sent away. */
  isGranted(session: Session, now: number): boolean {
    if (now >= session.authorizedUntil) {
      this.refuseExpired(session.number);
      return false;
    }
    return now < session.roleUntil || this.#decideRole(session, now);
  }

  /** The access list in the store is another, or was read again; an older one than is known is ignored. */
  accessChanged(access: DocumentAccess, now: number): void {
    if (access.epoch < this.#access.epoch) return;
    this.#access = access;
    this.#decideRoles(now);
  }

  /** A notification may be lost: as long as the document is in memory, the store is asked periodically. */
  watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.#effects.startTimer('access', ACCESS_CHECK_MS);
  }

  /** The timer fired: ends sessions whose proof ended, and compares epochs with the store. */
  recheck(now: number): void {
    this.#isWatching = false;
    for (const session of [...this.#room.sessions]) this.isGranted(session, now);
    const { epoch } = this.#access;
    const { titleVersion } = this.#title;
    this.#effects.push({ type: 'recheck', epoch, titleVersion });
    this.watch();
  }

  /** A lost frame leaves no gap in the versions by which it would be noticed: roles are told again. */
  repeatRoles(): void {
    for (const session of this.#room.sessions) {
      if (this.#toldRoles.has(session.number)) this.#sendRole(session);
    }
  }

  /** The connection is gone. */
  left(session: number): void {
    this.#toldRoles.delete(session);
  }

  refuseExpired(session: number): void {
    const detail = 'The sign-in has to be renewed; the connection is made again by itself.';
    this.#room.refuse(session, 'tokenExpired', true, detail);
  }

  /** The same answer for a document that is not there and one that may not be read. */
  refuseUnknown(session: number): void {
    const detail = 'There is no such document, or it is not shared with you.';
    this.#room.refuse(session, 'notFound', false, detail);
  }

  #decideRoles(now: number): void {
    for (const session of [...this.#room.sessions]) this.#decideRole(session, now);
  }

  /** Decides the session's role anew; false when it has none any more and was sent away. */
  #decideRole(session: Session, now: number): boolean {
    const { role, until } = this.roleOf(session.asker, now);
    if (role === null) {
      const detail =
        'You have no access to this document any more. Your text stays on this device.';
      this.#room.refuse(session.number, 'accessRevoked', false, detail);
      return false;
    }
    session.roleUntil = until;
    if (role === session.role) return true;
    session.role = role;
    this.#toldRoles.add(session.number);
    this.#sendRole(session);
    return true;
  }

  #sendRole({ number, role }: Session): void {
    this.#effects.send(number, { type: 'role', body: { role } });
  }
}
