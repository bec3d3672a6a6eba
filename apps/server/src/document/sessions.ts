/** Who is present in a document: sessions by number, their colours and carets. */
import {
  PEOPLE_LISTED,
  PRESENCE_PER_SECOND,
  type Caret,
  type Person,
  type Role,
} from '@concord/protocol';
import type { Asker } from '../access/permissions.ts';
import type { Client } from './clients.ts';
import { TokenBucket } from './token-bucket.ts';

/** The palette has ten colours; see product.md. */
const COLORS = 10;

export interface Session {
  readonly number: number;
  readonly client: Client;
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
    const session: Session = {
      number,
      ...who,
      color: this.#freeColor(who.client.userId),
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
    if (this.#byClient.get(session.client) === session) this.#byClient.delete(session.client);
    return true;
  }

  /** The people to be named to everybody: at most PEOPLE_LISTED. */
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
  #freeColor(userId: string): number {
    const people = new Map<string, number>();
    for (const session of this) people.set(session.client.userId, session.color);
    const own = people.get(userId);
    if (own !== undefined) return own;
    const uses = new Array<number>(COLORS).fill(0);
    for (const color of people.values()) uses[color] = (uses[color] ?? 0) + 1;
    return uses.indexOf(Math.min(...uses));
  }
}
