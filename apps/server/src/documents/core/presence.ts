/** Carets and the list of people, coalesced: many changes within a timer's run are one broadcast. */
import type { Caret, PresenceMessage } from '@concord/protocol';
import type { CommitLog } from './commit-log.ts';
import type { EffectSink } from './effect-sink.ts';
import type { Session, Sessions } from './sessions.ts';

const CARETS_MS = 50;
const PEOPLE_MS = 100;

export class Presence {
  readonly #sessions: Sessions;
  readonly #log: CommitLog;
  readonly #effects: EffectSink;
  /** Sessions whose caret is broadcast when the timer fires. */
  readonly #movedCarets = new Set<Session>();
  #isPeopleDue = false;

  constructor(sessions: Sessions, log: CommitLog, effects: EffectSink) {
    this.#sessions = sessions;
    this.#log = log;
    this.#effects = effects;
  }

  /** A client reports its caret, in the text of a version; one beyond what is in memory is dropped. */
  caretMoved(session: Session, { version, anchor, head }: PresenceMessage): void {
    if (version < this.#log.recent.from || version > this.#log.head) return;
    session.caret = { session: session.number, version, anchor, head };
    if (this.#movedCarets.size === 0) this.#effects.startTimer('carets', CARETS_MS);
    this.#movedCarets.add(session);
  }

  broadcastCarets(): void {
    const carets = [...this.#movedCarets].flatMap((session) => this.#caretNow(session));
    this.#movedCarets.clear();
    if (carets.length > 0) this.#effects.broadcast({ type: 'carets', body: { carets } });
  }

  /** Sends a session that has just joined where the others are. */
  sendCarets(session: number): void {
    const carets = [...this.#sessions].flatMap((other) =>
      other.number === session ? [] : this.#caretNow(other),
    );
    if (carets.length > 0) this.#effects.send(session, { type: 'carets', body: { carets } });
  }

  peopleChanged(): void {
    if (this.#isPeopleDue) return;
    this.#isPeopleDue = true;
    // A full room changes often, and its list is long.
    this.#effects.startTimer('people', PEOPLE_MS + this.#sessions.size * 2);
  }

  broadcastPeople(): void {
    this.#isPeopleDue = false;
    const body = { people: this.#sessions.people(), total: this.#sessions.size };
    this.#effects.broadcast({ type: 'people', body });
  }

  personRenamed(userId: string, name: string): void {
    for (const session of this.#sessions) {
      if (session.client.userId !== userId) continue;
      session.name = name;
      this.peopleChanged();
    }
  }

  sessionEnded(session: Session): void {
    this.#movedCarets.delete(session);
    this.peopleChanged();
  }

  /** The caret, transformed over the operations since it was reported, so that a receiver needs no past versions. */
  #caretNow(session: Session): Caret[] {
    const { caret, client } = session;
    const { head, recent } = this.#log;
    if (caret === null || caret.version < recent.from) return [];
    session.caret = {
      session: session.number,
      version: head,
      anchor: recent.moveCaret(caret.anchor, caret.version, head, client),
      head: recent.moveCaret(caret.head, caret.version, head, client),
    };
    return [session.caret];
  }
}
