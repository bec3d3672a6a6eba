/**
 * Tracks every character from the keystroke to the log. Characters are unique (characters.ts), so the log itself
 * shows whether a keystroke was lost, duplicated, or deleted on behalf of a person who did not delete it (I4, I5).
 */
import type { DocumentText, TextOperation } from '@concord/ot';
import type { LoggedOperation } from '@concord/server';
import type { Replica } from '@concord/client';
import { isTracked } from './characters.ts';
import { Copies } from './copies.ts';
import { InvariantError, must } from './invariant-error.ts';

/** What one honest person typed and deleted, and how much of it is not in the log yet. */
export class PersonLedger {
  readonly name: string;
  readonly userId: string;
  /** Own characters not in the log yet. */
  readonly unlogged = new Set<string>();
  /** Characters this person deleted that the log's text may still have. */
  readonly undeleted = new Set<string>();
  /** All characters this person ever deleted. */
  readonly deleted = new Set<string>();
  /** Own characters deleted before they reached the log. */
  readonly takenBack = new Set<string>();

  constructor(name: string, userId: string) {
    this.name = name;
    this.userId = userId;
  }
}

export class Ledger {
  readonly #people = new Map<string, PersonLedger>();
  readonly #owners = new Map<string, PersonLedger>();
  readonly #authors = new Map<string, PersonLedger>();
  #logged = new Set<string>();
  #lastSeq = new Map<string, number>();
  /** Over all histories, since pages keep acknowledgements of former ones. */
  readonly #lastSeqEver = new Map<string, number>();
  /** Characters deleted by an operation of any history's log. */
  readonly #deletedEver = new Set<string>();
  readonly #sent = new Set<string>();
  /**
   * Texts that operations were made for, by client and number, then by version. A resent operation may have another
   * base, while the first one may still arrive.
   */
  readonly #bases = new Map<string, Map<number, string>>();
  readonly #copies = new Copies();
  /** Characters inserted by merged copies since the last restore, and not deleted by the people who merged them. */
  readonly #merged = new Set<string>();
  #operations: LoggedOperation[] = [];
  /** Insertions as typed, to check their order. */
  readonly #insertions: string[][] = [];
  #text: string[] = [];
  #present = new Set<string>();
  /** Text at each version, by version. */
  readonly #textAt: string[] = [''];

  get version(): number {
    return this.#textAt.length - 1;
  }
  /** The log's text at a version, by a replay independent of the cores. */
  textAt(version: number): string | undefined {
    return this.#textAt[version];
  }
  /** Whether some version of the log has this text. */
  hasText(text: string): boolean {
    return this.#textAt.includes(text) || this.#copies.hasText(text);
  }
  /** The honest person whose client it is; null for others. */
  ownerOf(clientId: string, author: string): PersonLedger | null {
    return this.#owners.get(`${clientId} ${author}`) ?? null;
  }
  /** Whether the character may come back from a copy of another history. */
  isCopied(character: string): boolean {
    return this.#copies.has(character);
  }
  /** Whether the log has this text at that version, or had it before a backup was restored. */
  isTextAt(version: number, text: string): boolean {
    return this.#textAt[version] === text || this.#copies.hasText(text, version);
  }
  /** Highest number of a client in any history's log; a client is a client id of one person. */
  lastSeqEverOf(clientId: string, userId: string): number {
    return this.#lastSeqEver.get(`${clientId} ${userId}`) ?? 0;
  }
  /** Whether an operation of any history's log deleted the character. */
  wasDeleted(character: string): boolean {
    return this.#deletedEver.has(character);
  }
  /** Up to this version all histories are the same. */
  get commonUntil(): number {
    return this.#copies.commonUntil;
  }

  /** An older backup was restored: the log ends at that version. */
  restored(version: number): void {
    const former = this.#logged;
    this.#merged.clear();
    const operations = this.#operations.slice(0, version);
    this.#copies.historyEnds(this.#textAt.splice(version + 1), version);
    this.#operations = operations;
    this.#text = [...(this.#textAt[version] ?? '')];
    const present = new Set(this.#text.filter(isTracked));
    // Deletions that were acknowledged may be missing from the restored log.
    for (const { undeleted } of this.#people.values()) {
      for (const character of undeleted) {
        if (present.has(character) && !this.#present.has(character)) undeleted.delete(character);
      }
    }
    this.#present = present;
    this.#logged = new Set();
    this.#lastSeq = new Map();
    for (const { clientId, author, seq, op } of operations) {
      this.#lastSeq.set(`${clientId} ${author}`, seq);
      for (const component of op) {
        if (typeof component !== 'string') continue;
        for (const character of component) if (isTracked(character)) this.#logged.add(character);
      }
    }
    for (const character of former)
      if (!this.#logged.has(character)) this.#copies.mayAdd(character);
  }

  /** A client sends an operation under this number. */
  sent(client: string, seq: number): void {
    this.#sent.add(`${client} ${seq}`);
  }

  /** Whether an operation with this number was ever sent. */
  wasSent(client: string, seq: number): boolean {
    return this.#sent.has(`${client} ${seq}`);
  }

  /** Records the text that the operation was made for: the client's text at the base version. */
  madeFor(client: string, seq: number, baseVersion: number, text: string): void {
    const key = `${client} ${seq}`;
    const texts = this.#bases.get(key) ?? new Map<number, string>();
    this.#bases.set(key, texts.set(baseVersion, text));
  }

  /** Checks an accepted operation: it was made for the log's text at its base version. */
  checkBase(client: string, seq: number, baseVersion: number): void {
    const text = this.#bases.get(`${client} ${seq}`)?.get(baseVersion);
    must(
      text === undefined || text === this.#textAt[baseVersion],
      'history',
      () => `${seq} of ${client} was made for ${text}, not for version ${baseVersion}`,
    );
  }

  /** A merged copy is being written to the device; it may be stored even if the page dies first. */
  merges(insertions: TextOperation): void {
    for (const component of insertions) {
      if (typeof component !== 'string') continue;
      for (const character of component) if (isTracked(character)) this.#copies.mayAdd(character);
    }
  }

  /** A copy was merged: its insertions must reach the log, and may be in several copies. */
  merged(insertions: TextOperation): void {
    for (const component of insertions) {
      if (typeof component !== 'string') continue;
      for (const character of component) {
        if (!isTracked(character)) continue;
        this.#copies.mayAdd(character);
        this.#merged.add(character);
      }
    }
  }

  person(name: string, userId: string): PersonLedger {
    const known = this.#people.get(name);
    if (known !== undefined) return known;
    const person = new PersonLedger(name, userId);
    this.#people.set(name, person);
    return person;
  }

  /** From here on, operations of this client are this person's. */
  owns(person: PersonLedger, clientId: string): void {
    this.#owners.set(`${clientId} ${person.userId}`, person);
  }

  /** A person edits the text that the page shows. */
  edited(person: PersonLedger, before: DocumentText, operation: TextOperation): void {
    let position = 0;
    for (const component of operation) {
      if (typeof component === 'number') position += component;
      else if (typeof component === 'string') {
        const characters = [...component];
        this.#insertions.push(characters);
        for (const character of characters) {
          person.unlogged.add(character);
          this.#authors.set(character, person);
        }
      } else {
        for (const character of before.sliceCodePoints(position, position + component.d)) {
          if (!isTracked(character)) continue;
          person.deleted.add(character);
          this.#merged.delete(character);
          if (person.unlogged.delete(character)) person.takenBack.add(character);
          person.undeleted.add(character);
        }
        position += component.d;
      }
    }
  }

  /** The device lost what was not durable: only the edits of the loaded replica must reach the log. */
  reloaded(person: PersonLedger, replica: Replica, visible: string): void {
    const seen = new Set(visible);
    for (const character of person.unlogged) {
      if (!seen.has(character)) person.unlogged.delete(character);
    }
    for (const character of person.takenBack) {
      if (!seen.has(character) || this.#logged.has(character)) continue;
      person.takenBack.delete(character);
      person.unlogged.add(character);
    }
    const known = new Set(replica.confirmed.toString());
    for (const operation of [replica.inFlight?.op ?? [], replica.pending]) {
      for (const component of operation) {
        if (typeof component === 'string') for (const character of component) known.add(character);
      }
    }
    for (const character of person.undeleted) {
      if (seen.has(character) || !known.has(character)) person.undeleted.delete(character);
    }
  }

  /**
   * A resync compares texts, not operations: a character that its diff deletes and inserts elsewhere comes back although
   * the person deleted it (docs/protocol.md#away-for-long). Allowed only there, and only for deletions.
   */
  rebased(person: PersonLedger, moved: ReadonlySet<string>): void {
    for (const character of moved) person.undeleted.delete(character);
  }

  /** The person was told that edits were refused. */
  refused(person: PersonLedger, visible: string): void {
    const seen = new Set(visible);
    // Which of several copies was refused is unknown.
    this.#merged.clear();
    for (const character of person.unlogged) {
      if (!seen.has(character)) person.unlogged.delete(character);
    }
    for (const character of person.undeleted) {
      if (seen.has(character)) person.undeleted.delete(character);
    }
  }

  /** An edit that is not in the log, so that "saved" would be wrong; null for none. */
  owed(person: PersonLedger): string | null {
    for (const character of person.unlogged) {
      if (!this.#copies.has(character)) return `insertion of ${describe(character)}`;
    }
    for (const character of person.undeleted) {
      const isOwed = this.#present.has(character) && !this.#copies.has(character);
      if (isOwed) return `deletion of ${describe(character)}`;
    }
    return null;
  }

  /** An operation became durable. */
  logged(version: number, { clientId, seq, author, op }: LoggedOperation): void {
    must(version === this.version + 1, 'I3', () => `version ${version} after ${this.version}`);
    const client = `${clientId} ${author}`;
    const lastSeq = this.#lastSeq.get(client) ?? 0;
    must(seq > lastSeq, 'I4', () => `${client} seq ${seq} logged after ${lastSeq}`);
    this.#lastSeq.set(client, seq);
    this.#lastSeqEver.set(client, Math.max(seq, this.#lastSeqEver.get(client) ?? 0));
    this.#operations.push({ clientId, seq, author, op, at: 0 });
    const owner = this.#owners.get(client) ?? null;
    let position = 0;
    for (const component of op) {
      if (typeof component === 'number') position += component;
      else if (typeof component === 'string') {
        must(component.isWellFormed(), 'I2', () => `lone surrogate at version ${version}`);
        const characters = [...component];
        for (const character of characters) this.#inserted(character, owner, version);
        this.#text.splice(position, 0, ...characters);
        position += characters.length;
      } else {
        for (const character of this.#text.splice(position, component.d)) {
          this.#deleted(character, owner, version);
        }
      }
      must(position <= this.#text.length, 'I2', () => `version ${version} reaches past the end`);
    }
    this.#textAt.push(this.#text.join(''));
  }

  #inserted(character: string, owner: PersonLedger | null, version: number): void {
    if (!isTracked(character)) return;
    if (this.#copies.has(character)) {
      this.#logged.add(character);
      this.#present.add(character);
      for (const person of this.#people.values()) person.unlogged.delete(character);
      return;
    }
    must(
      !this.#logged.has(character),
      'I4',
      () => `version ${version} inserts ${describe(character)} a second time`,
    );
    const author = this.#authors.get(character) ?? null;
    must(
      author === owner,
      'I4',
      () => `version ${version}: ${describe(character)} is ${author?.name ?? 'nobody'}'s`,
    );
    this.#logged.add(character);
    this.#present.add(character);
    owner?.unlogged.delete(character);
  }

  #deleted(character: string, owner: PersonLedger | null, version: number): void {
    if (!isTracked(character)) return;
    must(
      owner === null || owner.deleted.has(character),
      'I4',
      () => `version ${version} deletes ${describe(character)}, which ${owner?.name} never deleted`,
    );
    this.#present.delete(character);
    this.#deletedEver.add(character);
    for (const person of this.#people.values()) person.undeleted.delete(character);
  }

  /** At rest, all insertions of merged copies must be in the log. */
  checkMerged(): void {
    for (const character of this.#merged) {
      must(
        this.#logged.has(character),
        'history',
        () => `${describe(character)} of a copy is lost`,
      );
    }
  }

  /** Intention: the characters of one insertion keep their order, whatever is inserted between. */
  checkOrder(): void {
    const places = new Map(this.#text.map((character, place) => [character, place]));
    for (const characters of this.#insertions) {
      if (characters.some((character) => this.#copies.has(character))) continue;
      let last = -1;
      for (const character of characters) {
        const place = places.get(character);
        if (place === undefined) continue;
        if (place < last) throw new InvariantError('intention', `${describe(character)} moved`);
        last = place;
      }
    }
  }
}

function describe(character: string): string {
  return `${character} (U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()})`;
}
