/**
 * Who is in the document: sessions that joined, and joins that wait for what the store knows. It knows how they are
 * sent away, and whether the document may leave memory.
 */
import type { RefusalCode } from '@concord/protocol';
import type { DocumentInput } from './document-messages.ts';
import type { EffectSink } from './effect-sink.ts';
import type { Presence } from './presence.ts';
import type { Sessions } from './sessions.ts';

export type Join = Extract<DocumentInput, { type: 'join' }>;

/** An empty document stays in memory for this long: joins and reads soon after find it there. */
const IDLE_MS = 60_000;

export class Room {
  readonly sessions: Sessions;
  readonly #presence: Presence;
  readonly #effects: EffectSink;
  /** By session. */
  readonly #waiting = new Map<number, Join>();
  #idleTimer = false;
  #readSinceIdle = false;
  #isClosing = false;

  constructor(sessions: Sessions, presence: Presence, effects: EffectSink) {
    this.sessions = sessions;
    this.#presence = presence;
    this.#effects = effects;
  }

  /** The server stops: nothing more is taken in. */
  get isClosing(): boolean {
    return this.#isClosing;
  }
  /** The document need not stay in memory for those who are here, or were a moment ago. */
  get mayUnload(): boolean {
    return this.#isClosing || (!this.#idleTimer && this.#isEmpty);
  }

  get #isEmpty(): boolean {
    return this.sessions.size === 0 && this.#waiting.size === 0;
  }

  close(): void {
    this.#isClosing = true;
  }

  // --- Joins that wait --------------------------------------------------------------------------

  waitingJoin(session: number): Join | undefined {
    return this.#waiting.get(session);
  }
  get waitingJoins(): IterableIterator<Join> {
    return this.#waiting.values();
  }
  wait(join: Join): void {
    this.#waiting.set(join.session, join);
  }
  /** Returns false when the session had no join that waits. */
  stopWaiting(session: number): boolean {
    return this.#waiting.delete(session);
  }

  // --- Leaving ----------------------------------------------------------------------------------

  /** Ends a session; the connection may join again. */
  remove(number: number): void {
    const session = this.sessions.get(number);
    if (session === undefined) return;
    this.sessions.remove(number);
    this.#effects.push({ type: 'unjoined', session: number });
    this.#presence.sessionEnded(session);
  }

  /** The connection is gone, or its client left. */
  left(session: number): void {
    this.#waiting.delete(session);
    this.remove(session);
    this.watchIdle();
  }

  /** Tells why, and sends away. */
  refuse(session: number, code: RefusalCode, retryable: boolean, detail: string): void {
    this.#effects.send(session, { type: 'refused', body: { code, retryable, detail } });
    this.#dismiss(session);
  }

  /** Sends to another owner of the document: another process, or this one after it opened the document again. */
  move(session: number): void {
    this.#effects.send(session, { type: 'moved', body: { minDelayMs: 100, maxDelayMs: 2_000 } });
    this.#dismiss(session);
  }

  #dismiss(session: number): void {
    this.#waiting.delete(session);
    this.remove(session);
    this.#effects.push({ type: 'dismissed', session });
    this.watchIdle();
  }

  /** Everyone who joined or waits, by session, for sending all of them away. */
  everyone(): number[] {
    return [...[...this.sessions].map(({ number }) => number), ...this.#waiting.keys()];
  }

  // --- Idling -----------------------------------------------------------------------------------

  watchIdle(): void {
    if (this.#idleTimer || this.sessions.size > 0) return;
    this.#idleTimer = true;
    this.#effects.startTimer('idle', IDLE_MS);
  }

  /** The text is read: the document stays in memory for a while longer. */
  read(): void {
    this.#readSinceIdle = true;
    this.watchIdle();
  }

  /** The idle timer fired. Returns whether nothing was read meanwhile; otherwise it runs once more. */
  idled(): boolean {
    this.#idleTimer = false;
    if (!this.#readSinceIdle) return true;
    this.#readSinceIdle = false;
    this.watchIdle();
    return false;
  }

  /** Memory is short: an empty document does not wait for the idle timer. Returns false when it is not empty. */
  release(): boolean {
    if (!this.#isEmpty) return false;
    this.#idleTimer = false;
    this.#readSinceIdle = false;
    return true;
  }
}
