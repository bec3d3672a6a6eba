/**
 * What a change carries besides its text operation (docs/protocol.md#effects). An effect never changes the text. It is
 * of a registered type, which says how it moves when the text changes, and which state the effects of the log lead to.
 *
 * Positions in an effect are those of the text that the operation of its change makes.
 */
import { moveAnchor, type Anchor } from './anchor.ts';
import { transformCommitted, transformUncommitted, type TextOperation } from './operation.ts';

/** One effect, as it is sent and kept. */
export interface Effect {
  /** Name of its type. */
  readonly type: string;
  /** Plain JSON, which the type knows. */
  readonly value: unknown;
}

/** A text operation, and what is done beside it. */
export interface Change {
  readonly op: TextOperation;
  /** In the order in which they were made; absent for none. */
  readonly effects?: readonly Effect[] | undefined;
}

export const noEffects: readonly Effect[] = Object.freeze([]);

/**
 * A type of effects. All functions are pure, and answer the same object when nothing changes. Values and states are plain
 * JSON. Methods, so that types of different values can be registered side by side.
 */
export interface EffectType<Value = unknown, State = unknown> {
  readonly name: string;
  /** The value, when it is one in a text of that length; null for anything else. Its cost is bounded, whatever comes. */
  parse(candidate: unknown, lengthCodePoints: number): Value | null;
  /** The value in the text that `operation` makes. Sides are decided by the anchors in it, never by who asks. */
  move(value: Value, operation: TextOperation): Value;
  /**
   * One effect in place of two that follow each other and were not sent, or null when both are needed. `second` is in
   * the same text. Effects of the type between the two must not matter to either.
   */
  compose?(first: Value, second: Value): Value | null;
  /** The state of a document that has no effect of the type. */
  readonly empty: State;
  /** Applying an effect a second time changes nothing where one that is lost and found again may be sent twice. */
  apply(state: State, value: Value): State;
  moveState(state: State, operation: TextOperation): State;
}

/** What the effects up to a version have led to, by name of type. Plain JSON. */
export type EffectState = Readonly<Record<string, unknown>>;

export interface EffectLimits {
  /** Effects of one change. */
  readonly effects: number;
  /** Their size as JSON in UTF-8. */
  readonly effectBytes: number;
}

export type EffectsResult =
  | { readonly ok: true; readonly effects: readonly Effect[] }
  | { readonly ok: false; readonly detail: string };

const fail = (detail: string): EffectsResult => ({ ok: false, detail });

/** The types that a program knows. */
export class EffectTypes {
  readonly #types: ReadonlyMap<string, EffectType>;
  /** The state of a document at version 0. */
  readonly initial: EffectState;

  constructor(types: readonly EffectType[] = []) {
    this.#types = new Map(types.map((type) => [type.name, type]));
    this.initial = Object.freeze(Object.fromEntries(types.map(({ name, empty }) => [name, empty])));
  }

  /** Whether no type is registered: then there is no state to keep. */
  get isEmpty(): boolean {
    return this.#types.size === 0;
  }

  /**
   * A state that was kept as JSON. Null when it is not one of all registered types: a program that knew fewer let the
   * effects of the others pass by unread.
   */
  restore(kept: EffectState | null): EffectState | null {
    if (this.isEmpty) return this.initial;
    if (kept === null) return null;
    const state: Record<string, unknown> = {};
    let isInitial = true;
    for (const [name, { empty }] of this.#types) {
      if (!Object.hasOwn(kept, name)) return null;
      const isEmpty = JSON.stringify(kept[name]) === JSON.stringify(empty);
      isInitial &&= isEmpty;
      // The same object as that of the type: there is nothing in it to move.
      state[name] = isEmpty ? empty : kept[name];
    }
    return isInitial ? this.initial : state;
  }

  /** What came over the wire, checked: only the registered types, in their form, in a text of that length. */
  parse(candidate: unknown, lengthCodePoints: number, limits: EffectLimits): EffectsResult {
    if (!Array.isArray(candidate) || candidate.length === 0) {
      return fail('Effects are a list that is not empty.');
    }
    if (candidate.length > limits.effects) {
      return fail(`At most ${limits.effects} effects are allowed in one change.`);
    }
    const effects: Effect[] = [];
    for (const each of candidate as readonly unknown[]) {
      const { type, value, ...others } = (each ?? {}) as Partial<Effect>;
      const known = typeof type === 'string' ? this.#types.get(type) : undefined;
      if (known === undefined)
        return fail('An effect is of a type that this server does not know.');
      const parsed = Object.keys(others).length > 0 ? null : known.parse(value, lengthCodePoints);
      if (parsed === null) return fail(`An effect of the type ${known.name} is malformed.`);
      effects.push({ type: known.name, value: parsed });
    }
    if (effectBytes(effects) > limits.effectBytes) {
      return fail(`The effects of one change may take ${limits.effectBytes} bytes.`);
    }
    return { ok: true, effects };
  }

  /** Those of registered types: the same list when all are. One of another type cannot be moved with the text. */
  known(effects: readonly Effect[]): readonly Effect[] {
    const isKnown = ({ type }: Effect): boolean => this.#types.has(type);
    return effects.every(isKnown) ? effects : effects.filter(isKnown);
  }

  /** The effects in the text that `operation` makes: the same list when there is nothing to move. */
  move(effects: readonly Effect[], operation: TextOperation): readonly Effect[] {
    if (effects.length === 0 || operation.length === 0) return effects;
    return effects.map((effect) => {
      // One of an unknown type is of a newer program: it is kept as it is, and whoever takes it in checks it.
      const value = this.#types.get(effect.type)?.move(effect.value, operation) ?? effect.value;
      return value === effect.value ? effect : { type: effect.type, value };
    });
  }

  /** The effects of a change followed by another one: the first move through the operation of the second. */
  compose(
    first: readonly Effect[],
    operation: TextOperation,
    second: readonly Effect[],
  ): readonly Effect[] {
    const moved = this.move(first, operation);
    if (second.length === 0) return moved;
    if (moved.length === 0) return second;
    const composed = [...moved];
    for (const effect of second) this.#add(composed, effect);
    return composed;
  }

  #add(composed: Effect[], { type, value }: Effect): void {
    const known = this.#types.get(type);
    for (let place = composed.length - 1; place >= 0 && known?.compose !== undefined; place--) {
      const former = composed[place];
      if (former?.type !== type) continue;
      const both = known.compose(former.value, value);
      if (both === null) continue;
      composed[place] = { type, value: both };
      return;
    }
    composed.push({ type, value });
  }

  /**
   * The state after a committed change. Changes of the log are applied one by one, never composed: where a collapsed
   * anchor stands depends on it.
   */
  apply(
    state: EffectState,
    operation: TextOperation,
    effects: readonly Effect[] = noEffects,
  ): EffectState {
    if (
      this.isEmpty ||
      (effects.length === 0 && (state === this.initial || operation.length === 0))
    ) {
      return state;
    }
    const next: Record<string, unknown> = { ...state };
    for (const [name, type] of this.#types) {
      const before = next[name] ?? type.empty;
      if (before !== type.empty) next[name] = type.moveState(before, operation);
    }
    for (const { type: name, value } of effects) {
      const type = this.#types.get(name);
      if (type !== undefined) next[name] = type.apply(next[name] ?? type.empty, value);
    }
    return next;
  }
}

/** What a program knows that has no business with effects. */
export const noEffectTypes = new EffectTypes();

/** A change that is not committed, as it must read after `committed` was: on the owner and on clients alike. */
export function transformChange(
  types: EffectTypes,
  { op, effects }: Change,
  committed: TextOperation,
): Change {
  const moved = transformUncommitted(op, committed);
  if (effects === undefined) return { op: moved };
  // The effects lie behind the own operation: they move over the committed one as it reads there.
  return { op: moved, effects: types.move(effects, transformCommitted(committed, op)) };
}

/** Size of effects as JSON in UTF-8. */
export function effectBytes(effects: readonly Effect[]): number {
  return utf8Bytes(JSON.stringify(effects));
}

/** How many of the first effects are within the limits. */
export function effectsWithin(effects: readonly Effect[], limits: EffectLimits): number {
  let bytes = '[]'.length;
  let count = 0;
  for (const effect of effects) {
    bytes += utf8Bytes(JSON.stringify(effect)) + ','.length;
    // The last one has no comma behind it.
    if (count === limits.effects || bytes - 1 > limits.effectBytes) break;
    count += 1;
  }
  return count;
}

function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A pair of surrogates takes four bytes, two for each.
    if (unit >= 0x80) bytes += unit < 0x800 || (unit & 0xf800) === 0xd800 ? 1 : 2;
  }
  return bytes;
}

/** A map of anchors, moved: the same object when none of them moves. For states that hold anchors by id. */
export function moveAnchors<T extends { readonly anchor: Anchor }>(
  held: Readonly<Record<string, T>>,
  operation: TextOperation,
): Readonly<Record<string, T>> {
  let moved: Record<string, T> | null = null;
  for (const [id, each] of Object.entries(held)) {
    const anchor = moveAnchor(each.anchor, operation);
    if (anchor !== each.anchor) (moved ??= { ...held })[id] = { ...each, anchor };
  }
  return moved ?? held;
}
