/**
 * Who else has the document open, where their carets are, and the own caret on its way to them. Own carets are throttled:
 * at most `PRESENCE_PER_SECOND`, the latest wins.
 */
import type { TextOperation } from '@concord/ot';
import { PRESENCE_PER_SECOND, type Caret, type Person } from '@concord/protocol';
import { unsentEdits, type Buffer } from './buffer.ts';
import { CaretTracker, toConfirmed } from './carets.ts';
import type { Effects } from './effects.ts';
import type { Link } from './link.ts';
import type { Selection } from './session-messages.ts';

export class Presence {
  readonly #effects: Effects;
  readonly #link: Link;
  readonly #carets = new CaretTracker();
  #people: readonly Person[] = [];
  #peopleTotal = 0;
  #self = -1;
  #sessionOfClient = new Map<string, number>();
  #selection: Selection | null = null;
  /** The throttle: nothing is sent while its timer runs. */
  #isThrottled = false;
  #isDue = false;
  /** The latest caret sent stands where own text is not committed yet: near, not exact. */
  #isNear = false;

  constructor(effects: Effects, link: Link) {
    this.#effects = effects;
    this.#link = link;
  }

  get people(): readonly Person[] {
    return this.#people;
  }
  get peopleTotal(): number {
    return this.#peopleTotal;
  }
  /** Own session number; -1 before the first join. */
  get self(): number {
    return this.#self;
  }
  get carets(): ReadonlyMap<number, Selection> {
    return this.#carets.positions;
  }

  /** Session number of a client, if it is one of those that are told. */
  sessionOf(clientId: string, userId: string): number | null {
    return this.#sessionOfClient.get(`${clientId} ${userId}`) ?? null;
  }

  joined(self: number, people: readonly Person[], total: number): void {
    this.#self = self;
    this.#carets.clear();
    this.setPeople(people, total);
  }

  disconnected(): void {
    this.#carets.clear();
    this.#effects.push({ type: 'caretsChanged' });
  }

  setPeople(people: readonly Person[], total: number): void {
    this.#people = people;
    this.#peopleTotal = total;
    this.#sessionOfClient = new Map(
      people.map(({ clientId, userId, session }) => [`${clientId} ${userId}`, session]),
    );
    this.#carets.keepOnly(new Set(people.map((person) => person.session)));
    this.#effects.push({ type: 'peopleChanged' });
    this.#effects.push({ type: 'caretsChanged' });
  }

  // --- Others' carets ---------------------------------------------------------------------------

  receive(carets: readonly Caret[], buffer: Buffer): void {
    if (this.#carets.receive(carets, buffer, this.#self)) {
      this.#effects.push({ type: 'caretsChanged' });
    }
  }

  /** The visible text went through `operation`. Others' carets move; the own one is sent anew after a remote change. */
  textChanged(
    operation: TextOperation,
    origin: 'local' | 'remote',
    authorSession: number | null,
  ): void {
    this.#carets.applied(operation, authorSession);
    if (this.#selection !== null && origin === 'remote') this.#isDue = true;
  }

  /** The confirmed text reached a new version: carets held back for it are shown. */
  advanced(buffer: Buffer): void {
    if (this.#carets.advanced(buffer)) this.#effects.push({ type: 'caretsChanged' });
  }

  // --- The own caret ----------------------------------------------------------------------------

  select(selection: Selection | null, buffer: Buffer): void {
    this.#selection = selection;
    this.#isDue = true;
    this.#send(buffer);
  }

  /** An own operation was committed: a caret that was near can be exact now. */
  acknowledged(): void {
    if (this.#isNear) this.#isDue = true;
  }

  /** After a join the others do not have the caret. */
  markDue(): void {
    this.#isDue = this.#selection !== null;
  }

  sendIfDue(buffer: Buffer): void {
    if (this.#isDue) this.#send(buffer);
  }

  /** The throttle's timer ended. */
  timedOut(buffer: Buffer): void {
    this.#isThrottled = false;
    this.sendIfDue(buffer);
  }

  #send(buffer: Buffer): void {
    if (!this.#link.isLive || this.#selection === null || this.#isThrottled) return;
    this.#isDue = false;
    this.#isNear = unsentEdits(buffer) > 0;
    this.#isThrottled = true;
    this.#effects.startTimer('presence', Math.ceil(1_000 / PRESENCE_PER_SECOND));
    this.#effects.send({
      type: 'presence',
      body: {
        version: buffer.version,
        anchor: toConfirmed(this.#selection.anchor, buffer),
        head: toConfirmed(this.#selection.head, buffer),
      },
    });
  }
}
