/**
 * What a client's changes carry besides text (docs/protocol.md#effects). As with the text: the confirmed state, then what
 * is in flight, then what is pending. Pure functions over immutable values; without effects they answer what they were given.
 */
import {
  effectBytes,
  effectsWithin,
  noEffects,
  noEffectTypes,
  operationBytes,
  type Change,
  type Effect,
  type EffectState,
  type EffectTypes,
  type TextOperation,
} from '@concord/ot';
import { EFFECT_GROWTH_BYTES, EFFECTS_BYTES, EFFECTS_PER_CHANGE } from '@concord/protocol';

export interface BufferEffects {
  readonly types: EffectTypes;
  /** What the effects up to the confirmed version led to; null when the device does not know. */
  readonly state: EffectState | null;
  /** Not sent yet, in the visible text. */
  readonly pending: readonly Effect[];
}

export const emptyBufferEffects: BufferEffects = {
  types: noEffectTypes,
  state: noEffectTypes.initial,
  pending: noEffects,
};

/** Effects were made in the text that `operation` of the visible text makes. */
export function addPending(
  effects: BufferEffects,
  operation: TextOperation,
  added: readonly Effect[],
): BufferEffects {
  const pending = effects.types.compose(effects.pending, operation, added);
  return pending === effects.pending ? effects : { ...effects, pending };
}

/** What was in flight is pending again, in front of what is. `pending` is the operation between the two. */
export function putBack(
  effects: BufferEffects,
  inFlight: readonly Effect[] | undefined,
  pending: TextOperation,
): BufferEffects {
  if (inFlight === undefined) return effects;
  return { ...effects, pending: effects.types.compose(inFlight, pending, effects.pending) };
}

/**
 * The text went on: the confirmed one by committed changes, each as it is in the log, the visible one by `visible`.
 */
export function moveOn(
  effects: BufferEffects,
  committed: readonly Change[],
  visible: TextOperation,
): BufferEffects {
  const { types, pending } = effects;
  if (types.isEmpty && pending.length === 0) return effects;
  let { state } = effects;
  if (state !== null)
    for (const { op, effects } of committed) state = types.apply(state, op, effects);
  const moved = types.move(pending, visible);
  if (state === effects.state && moved === pending) return effects;
  return { types, state, pending: moved };
}

/** A snapshot replaced the confirmed text: its state is the server's. Null for none, undefined when that is not told. */
export function replaceState(
  effects: BufferEffects,
  told: EffectState | null | undefined,
): BufferEffects {
  const { types } = effects;
  const state = told === null ? types.initial : types.restore(told ?? null);
  return state === effects.state ? effects : { ...effects, state };
}

/** Nothing is pending any more. */
export function dropPending(effects: BufferEffects): BufferEffects {
  return effects.pending.length === 0 ? effects : { ...effects, pending: noEffects };
}

/** What goes with an operation, and what has to follow it. */
export interface CutEffects {
  /** Undefined for none. */
  readonly first: readonly Effect[] | undefined;
  readonly rest: BufferEffects;
}

/**
 * Effects go with the last part of an operation, whose text they are in: as many as fit beside it. Where there is no text,
 * one always goes: none that is too large is let in.
 *
 * @param isLast nothing of the text is left
 * @param messageBytes room for operation and effects
 */
export function cutEffects(
  effects: BufferEffects,
  operation: TextOperation,
  isLast: boolean,
  messageBytes: number,
): CutEffects {
  const { pending } = effects;
  if (pending.length === 0 || !isLast) return { first: undefined, rest: effects };
  const room = messageBytes - operationBytes(operation) - FIELD_BYTES;
  const limits = { effects: EFFECTS_PER_CHANGE, effectBytes: Math.min(EFFECTS_BYTES, room) };
  const count = Math.max(effectsWithin(pending, limits), operation.length > 0 ? 0 : 1);
  if (count === 0) return { first: undefined, rest: effects };
  return { first: pending.slice(0, count), rest: { ...effects, pending: pending.slice(count) } };
}

/** What the field takes in a message besides its effects. */
const FIELD_BYTES = ',"effects":'.length;

/** Bytes of the field as it is sent; 0 for none. */
export function sentBytes(effects: readonly Effect[] | undefined): number {
  return effects === undefined ? 0 : FIELD_BYTES + effectBytes(effects);
}

/** Throws RangeError for an effect that could not be sent, however it is cut. */
export function requireSmall(effect: Effect): void {
  const most = EFFECTS_BYTES - EFFECT_GROWTH_BYTES;
  if (effectBytes([effect]) > most) {
    throw new RangeError(`An effect may take at most ${most} bytes as JSON`);
  }
}
