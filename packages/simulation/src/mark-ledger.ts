/**
 * Follows every mark from the person to the log, and replays the state of effects independently of the cores. A mark
 * holds on to a character, and characters are unique (characters.ts): so a text tells by itself where a mark has to be.
 */
import type { ClientSession, Replica } from '@concord/client';
import * as ot from '@concord/ot';
import type { Anchor, DocumentText, Effect, EffectState } from '@concord/ot';
import type { LoggedOperation } from '@concord/server';
import { isTracked } from './characters.ts';
import { must } from './invariant-error.ts';
import type { Ledger, PersonLedger } from './ledger.ts';
import { markTypes, placesIn, type Mark, type Marks } from './mark-types.ts';
import type { Random } from './random.ts';

interface MadeMark {
  readonly person: PersonLedger;
  /** The character that it hangs on; null at the border of the text, or on one that is not unique. */
  readonly held: string | null;
}

/** What the owner of an honest mark may send at once. */
const LIMITS = { effects: 1_000, effectBytes: 1_000_000 };

export class MarkLedger {
  readonly #ledger: Ledger;
  readonly #types = markTypes(ot);
  readonly #made = new Map<string, MadeMark>();
  readonly #unlogged = new Map<PersonLedger, Set<string>>();
  readonly #logged = new Set<string>();
  /** From a history that ended, or of a copy that was merged: they may come again, or never. */
  readonly #mayRepeat = new Set<string>();
  /** Moved over the difference of two texts, which may delete a character in one place and insert it in another. */
  readonly #mayCollapse = new Set<string>();
  /** State at each version of the log. */
  #states: EffectState[] = [this.#types.initial];
  /** By version, as JSON: of all histories. */
  readonly #ever = new Map<number, Set<string>>();
  /** States that were found right, with their version: clients share them, and keep one over many steps. */
  readonly #right = new WeakMap<EffectState, number>();
  #count = 0;
  #shown = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    this.#remember(0);
  }

  /** What a person does in a text, beside it. */
  draw(random: Random, length: number): Effect[] {
    const effects: Effect[] = [];
    for (let left = random.integer(1, 3); left > 0; left--) {
      const id = `m${++this.#count}`;
      const bias = random.chance(0.5) ? 'before' : 'after';
      const anchor: Anchor = { position: random.integer(0, length), bias };
      effects.push(
        random.chance(0.3) ? { type: 'note', value: id } : { type: 'mark', value: { id, anchor } },
      );
    }
    return effects;
  }

  /** A person made them, in this text. */
  made(person: PersonLedger, text: DocumentText, effects: readonly Effect[]): void {
    const characters = Array.from(text.toString());
    for (const { id, anchor } of marksIn(effects)) {
      const held = heldIn(characters, anchor) ?? null;
      this.#made.set(id, { person, held: held !== null && isTracked(held) ? held : null });
      this.#unloggedOf(person).add(id);
    }
  }

  /** The device lost what was not durable, or the person was told: owed is only what the replica still holds. */
  reloaded(person: PersonLedger, replica: Pick<Replica, 'inFlight' | 'pendingEffects'>): void {
    const held = new Set(unsentMarks(replica));
    for (const id of this.#unloggedOf(person)) {
      if (!held.has(id)) this.#unloggedOf(person).delete(id);
    }
    // A note of it that was lost may come back with an older row.
    for (const id of held) {
      if (!this.#logged.has(id)) this.#unloggedOf(person).add(id);
    }
  }

  /** What a page asks its device to keep has every mark that it has not sent. */
  checkKept(name: string, kept: Replica, session: ClientSession): void {
    const ids = new Set(unsentMarks(kept));
    const { inFlight, effects } = session.buffer;
    for (const id of unsentMarks({ inFlight, pendingEffects: effects.pending })) {
      must(ids.has(id), 'I5', () => `${name} does not keep mark ${id}`);
    }
  }

  /** A resync knew texts, not operations (see Ledger.rebased): what was unsent may be collapsed. */
  rebased(replica: Pick<Replica, 'inFlight' | 'pendingEffects'>): void {
    for (const id of unsentMarks(replica)) this.#mayCollapse.add(id);
  }

  /** Why the status cannot say "saved"; null when it may. */
  owed(person: PersonLedger): string | null {
    for (const id of this.#unloggedOf(person)) if (!this.#mayRepeat.has(id)) return `mark ${id}`;
    return null;
  }

  /** What a copy has unsent may be sent by its author, or was sent already. */
  merges(replica: Replica): void {
    for (const id of unsentMarks(replica)) this.#mayRepeat.add(id);
    this.rebased(replica);
  }

  /** A change became durable; the text ledger knows of it already. */
  logged(version: number, { op, effects, clientId, author }: LoggedOperation): void {
    const text = this.#ledger.textAt(version) ?? '';
    const owner = this.#ledger.ownerOf(clientId, author);
    if (effects !== undefined) {
      const parsed = this.#types.parse(effects, Array.from(text).length, LIMITS);
      must(parsed.ok, 'I8', () => `version ${version} has the effects ${JSON.stringify(effects)}`);
    }
    for (const { id } of marksIn(effects ?? [])) {
      const made = this.#made.get(id);
      must(
        made === undefined ? owner === null : owner === made.person,
        'I4',
        () => `version ${version}: mark ${id} is ${made?.person.name ?? 'nobody'}'s`,
      );
      must(
        !this.#logged.has(id) || owner === null || this.#mayRepeat.has(id),
        'I4',
        () => `version ${version} makes mark ${id} a second time`,
      );
      this.#logged.add(id);
      for (const ids of this.#unlogged.values()) ids.delete(id);
    }
    const before = this.#states[version - 1] ?? this.#types.initial;
    this.#states[version] = this.#types.apply(before, op, effects);
    this.#remember(version);
    this.check(`the log at version ${version}`, this.#states[version], text);
  }

  /** An older backup was restored. */
  restored(version: number): void {
    for (const id of this.#logged) this.#mayRepeat.add(id);
    this.#states = this.#states.slice(0, version + 1);
  }

  /** As JSON. */
  stateAt(version: number): string {
    return JSON.stringify(this.#states[version] ?? this.#types.initial);
  }

  /** A client, or the owner, or the store says that this is the state at a version. */
  checkStateAt(who: string, version: number, state: EffectState | null | undefined): void {
    if (state === null || (state !== undefined && this.#right.get(state) === version)) return;
    const told = JSON.stringify(state ?? this.#types.initial);
    must(
      this.#ever.get(version)?.has(told) ?? false,
      'I2',
      () => `${who} at version ${version} has the state ${told} for ${this.stateAt(version)}`,
    );
    if (state !== undefined) this.#right.set(state, version);
  }

  /**
   * What a client shows, checked at every fourth change of any client: it is most of a world's work, and a mark that
   * has left its character does not come back to it.
   */
  checkShown(who: string, state: () => EffectState | null, text: () => string): void {
    if (this.#shown++ % 4 === 0) this.check(who, state(), text());
  }

  /** Each mark stands at its character for as long as that is there. */
  check(who: string, state: EffectState | null | undefined, text: string): void {
    const marks = placesIn((state?.['mark'] ?? {}) as Marks);
    if (marks.length === 0) return;
    const characters = Array.from(text);
    for (const [id, { anchor }] of marks) {
      const { position, collapsed } = anchor;
      must(
        position >= 0 && position <= characters.length,
        'marks',
        () => `${who} has mark ${id} at ${position} of ${characters.length}`,
      );
      const held = this.#made.get(id)?.held ?? null;
      if (held === null) continue;
      const mayBeElsewhere = this.#mayCollapse.has(id) || this.#ledger.isCopied(held);
      if (collapsed === true && mayBeElsewhere) continue;
      const found = heldIn(characters, anchor);
      must(
        collapsed === true ? !characters.includes(held) : found === held,
        'marks',
        () => `${who} has mark ${id} of ${held} at ${found ?? 'the border'}: ${JSON.stringify(anchor)} in ${text}`,
      ); // prettier-ignore
    }
  }

  #unloggedOf(person: PersonLedger): Set<string> {
    const known = this.#unlogged.get(person) ?? new Set();
    this.#unlogged.set(person, known);
    return known;
  }

  #remember(version: number): void {
    const known = this.#ever.get(version) ?? new Set();
    this.#ever.set(version, known.add(this.stateAt(version)));
  }
}

const heldIn = (characters: readonly string[], { position, bias }: Anchor): string | undefined =>
  characters[bias === 'before' ? position - 1 : position];

function marksIn(effects: readonly Effect[]): Mark[] {
  return effects.filter(({ type }) => type === 'mark').map(({ value }) => value as Mark);
}

function unsentMarks({
  inFlight,
  pendingEffects,
}: Pick<Replica, 'inFlight' | 'pendingEffects'>): string[] {
  const unsent = [...(inFlight?.effects ?? []), ...(pendingEffects ?? [])];
  return marksIn(unsent).map(({ id }) => id);
}
