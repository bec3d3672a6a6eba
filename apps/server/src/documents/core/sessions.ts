/** Who is present in a document: sessions by number, their colours and carets. */
import {
  PEOPLE_LISTED,
  PRESENCE_PER_SECOND,
  type Caret,
  type Person,
  type Role,
} from '@concord/protocol';
import type { Asker } from '../../access/core/permissions.ts';
import type { Client } from './clients.ts';
import { TokenBucket } from '../../platform/core/token-bucket.ts';

/** As many as the palette of the web app has. */
const COLORS = 10;

export interface Session {
  readonly number: number;
  readonly client: Client;
  /**
   * Version of the client's newest operation when the session joined. A device that lost writes knows nothing of those
   * up to it: its new operations are made for texts without them.
   */
  readonly ownBefore: number;
  name: string;
  readonly asker: Asker;
  /** Until when its proof of identity is good; milliseconds since 1970. */
  authorizedUntil: number;
  role: Role;
  /** Until when the role is certain: then it is decided anew. */
  roleUntil: number;
  readonly color: number;
  /** Shared by all sessions of its person. */
  readonly submissions: TokenBucket;
  readonly presence: TokenBucket;
  caret: Caret | null;
}

export class Sessions {
  readonly #sessions = new Map<number, Session>();
  readonly #byClient = new Map<Client, Session>();
  /** By user id: the colour that a person has, and in how many sessions. */
  readonly #colors = new Map<string, { readonly color: number; sessions: number }>();
  /** How many people have each colour. */
  readonly #uses = new Array<number>(COLORS).fill(0);

  get size(): number {
    return this.#sessions.size;
  }
  get(number: number): Session | undefined {
    return this.#sessions.get(number);
  }
  ofClient(client: Client): Session | undefined {
    return this.#byClient.get(client);
  }
  [Symbol.iterator](): IterableIterator<Session> {
    return this.#sessions.values();
  }

  add(
    number: number,
    who: Omit<Session, 'number' | 'color' | 'presence' | 'caret'>,
    now: number,
  ): Session {
    // One connection may join as another client.
    this.remove(number);
    const session: Session = {
      number,
      ...who,
      color: this.#takeColor(who.client.userId),
      presence: new TokenBucket(PRESENCE_PER_SECOND, 2 * PRESENCE_PER_SECOND, now),
      caret: null,
    };
    this.#sessions.set(number, session);
    this.#byClient.set(who.client, session);
    return session;
  }

  /** Returns false when there was no such session. */
  remove(number: number): boolean {
    const session = this.#sessions.get(number);
    if (session === undefined) return false;
    this.#sessions.delete(number);
    this.#giveBackColor(session.client.userId);
    if (this.#byClient.get(session.client) === session) this.#byClient.delete(session.client);
    return true;
  }

  /** The people who are named to all sessions: at most PEOPLE_LISTED. */
  people(): Person[] {
    const people: Person[] = [];
    for (const { number, client, name, color } of this) {
      if (people.length === PEOPLE_LISTED) break;
      const { clientId, userId } = client;
      people.push({ session: number, clientId, userId, name, color });
    }
    return people;
  }

  /** One person keeps one colour in all tabs; two people share one only when ten do not suffice. */
  #takeColor(userId: string): number {
    const own = this.#colors.get(userId);
    if (own !== undefined) {
      own.sessions += 1;
      return own.color;
    }
    const color = this.#uses.indexOf(Math.min(...this.#uses));
    this.#uses[color] = (this.#uses[color] ?? 0) + 1;
    this.#colors.set(userId, { color, sessions: 1 });
    return color;
  }

  #giveBackColor(userId: string): void {
    const own = this.#colors.get(userId);
    if (own === undefined || --own.sessions > 0) return;
    this.#colors.delete(userId);
    this.#uses[own.color] = (this.#uses[own.color] ?? 1) - 1;
  }
}
