/**
 * The client's buffer: confirmed text, at most one operation in flight, and everything newer, pending.
 *
 *   synchronized ──edit──▶ dirty ──freeze──▶ awaitingAck ──edit──▶ awaitingAckWithPending
 *        ▲                                       │                         │
 *        └──────────────acknowledge──────────────┘      dirty ◀─acknowledge┘
 *
 * Pure functions over immutable values. visible = confirmed ∘ inFlight ∘ pending, always. What changes carry besides
 * text is in buffer-effects.ts.
 */
import {
  compose,
  diffTexts,
  DocumentText,
  insertedText,
  isNoOperation,
  noEffects,
  noOperation,
  splitOperation,
  transformCommitted,
  transformChange,
  transformUncommitted,
  type Change,
  type Effect,
  type EffectState,
  type EffectTypes,
  type OperationLimits,
  type TextOperation,
} from '@concord/ot';
import {
  addPending,
  cutEffects,
  dropPending,
  emptyBufferEffects,
  moveOn,
  putBack,
  replaceState,
  type BufferEffects,
} from './buffer-effects.ts';

/** An operation that was given its sequence number. Nothing is ever composed into it (docs/protocol.md#in-flight). */
export interface InFlight {
  readonly seq: number;
  /** Applies to the confirmed text. */
  readonly op: TextOperation;
  /** How many edits of the person it holds, for the status line. */
  readonly edits: number;
  /** In the text that `op` makes; absent for none. */
  readonly effects?: readonly Effect[] | undefined;
}

export interface Buffer {
  /** Version of the confirmed text. */
  readonly version: number;
  readonly confirmed: DocumentText;
  readonly inFlight: InFlight | null;
  /** Applies after what is in flight; never sent yet, so edits may be composed into it. */
  readonly pending: TextOperation;
  readonly pendingEdits: number;
  /** The next sequence number to be used. */
  readonly nextSeq: number;
  readonly visible: DocumentText;
  readonly effects: BufferEffects;
}

export const emptyBuffer: Buffer = {
  version: 0,
  confirmed: DocumentText.empty,
  inFlight: null,
  pending: noOperation,
  pendingEdits: 0,
  nextSeq: 1,
  visible: DocumentText.empty,
  effects: emptyBufferEffects,
};

/** A buffer together with the operation that its visible text went through. */
export interface Changed {
  readonly buffer: Buffer;
  readonly visibleOperation: TextOperation;
}

/** Name of the state in the diagram above. */
export function bufferState(
  buffer: Buffer,
): 'synchronized' | 'dirty' | 'awaitingAck' | 'awaitingAckWithPending' {
  const hasPending = buffer.pendingEdits > 0;
  if (buffer.inFlight === null) return hasPending ? 'dirty' : 'synchronized';
  return hasPending ? 'awaitingAckWithPending' : 'awaitingAck';
}

/** Edits not yet acknowledged. */
export function unsentEdits(buffer: Buffer): number {
  return (buffer.inFlight?.edits ?? 0) + buffer.pendingEdits;
}

/**
 * A local edit of the visible text, or `edits` composed. Throws OperationOutOfRangeError when it does not fit.
 * @param effects in the text that it makes
 */
export function edit(
  buffer: Buffer,
  operation: TextOperation,
  edits = 1,
  effects: readonly Effect[] = noEffects,
): Buffer {
  return {
    ...buffer,
    visible: buffer.visible.apply(operation),
    pending: compose(buffer.pending, operation),
    pendingEdits: buffer.pendingEdits + edits,
    effects: addPending(buffer.effects, operation, effects),
  };
}

/** Whether there is something to be sent once nothing is in flight any more. */
export function hasPending({ pending, effects }: Buffer): boolean {
  return !isNoOperation(pending) || effects.pending.length > 0;
}

/** pending → in-flight, cut to the limits. Only with nothing in flight and something pending. */
export function freeze(buffer: Buffer, limits: CuttingLimits): Buffer {
  const [op, rest] = splitOperation(buffer.pending, limits);
  const isLast = isNoOperation(rest);
  const effects = cutEffects(buffer.effects, op, isLast, limits.messageBytes);
  const hasRest = !isLast || effects.rest.pending.length > 0;
  const inFlight = { seq: buffer.nextSeq, op, edits: hasRest ? 0 : buffer.pendingEdits };
  return {
    ...buffer,
    inFlight: effects.first === undefined ? inFlight : { ...inFlight, effects: effects.first },
    nextSeq: buffer.nextSeq + 1,
    pending: rest,
    pendingEdits: hasRest ? buffer.pendingEdits : 0,
    effects: effects.rest,
  };
}

/** Limits for cutting what is pending. */
export interface CuttingLimits extends Pick<OperationLimits, 'components' | 'bytes'> {
  /** Room in one message for an operation and its effects. */
  readonly messageBytes: number;
}

/**
 * in-flight → pending, to be cut and sent under a new number. Only for an operation whose number the owner decided
 * as withdrawn: nothing is ever composed into one that may have been committed (protocol.md, Withdrawing).
 */
export function unfreezeRejected(buffer: Buffer): Buffer {
  const { inFlight, pending, pendingEdits } = buffer;
  if (inFlight === null) return buffer;
  return {
    ...buffer,
    inFlight: null,
    pending: compose(inFlight.op, pending),
    pendingEdits: Math.max(1, inFlight.edits + pendingEdits),
    effects: putBack(buffer.effects, inFlight.effects, pending),
  };
}

/** The owner refused the effects of what is in flight: its text is pending again, and they are gone. */
export function unfreezeWithoutEffects(buffer: Buffer): Buffer {
  const { inFlight } = buffer;
  if (inFlight === null) return buffer;
  return unfreezeRejected({ ...buffer, inFlight: { ...inFlight, effects: undefined } });
}

/** Un-freezes an operation that was never sent: in-flight → pending, and its sequence number is reused. */
export function unfreezeUnsent(buffer: Buffer): Buffer {
  return { ...unfreezeRejected(buffer), nextSeq: buffer.inFlight?.seq ?? buffer.nextSeq };
}

/**
 * Other clients' committed operations as one, or any correction of the confirmed text, producing `version`.
 * @param committed the changes that it is composed of, one by one as in the log
 */
export function receive(
  buffer: Buffer,
  operation: TextOperation,
  version: number,
  committed: readonly Change[],
): Changed {
  // Written out field by field: the hot path of every reader, where a spread costs a quarter more (measured).
  const { inFlight, pending, pendingEdits, nextSeq } = buffer;
  const confirmed = buffer.confirmed.apply(operation);
  if (inFlight === null && isNoOperation(pending)) {
    const effects = moveOn(buffer.effects, committed, operation);
    return {
      buffer: { version, confirmed, inFlight, pending, pendingEdits, nextSeq, visible: confirmed, effects }, // prettier-ignore
      visibleOperation: operation,
    };
  }
  const afterInFlight = inFlight === null ? operation : transformCommitted(operation, inFlight.op);
  const visibleOperation = transformCommitted(afterInFlight, pending);
  return {
    buffer: {
      version,
      confirmed,
      inFlight: inFlight === null ? null : moved(inFlight, operation, buffer.effects.types),
      pending: transformUncommitted(pending, afterInFlight),
      pendingEdits,
      nextSeq,
      visible: buffer.visible.apply(visibleOperation),
      effects: moveOn(buffer.effects, committed, visibleOperation),
    },
    visibleOperation,
  };
}

/** What is in flight, moved over a committed operation. */
function moved(
  { seq, op, edits, effects }: InFlight,
  committed: TextOperation,
  types: EffectTypes,
): InFlight {
  if (effects === undefined) return { seq, op: transformUncommitted(op, committed), edits };
  return { seq, edits, ...transformChange(types, { op, effects }, committed) };
}

/** A change as the log has it; without an operation, that is as it is here. */
export interface Acknowledged {
  readonly op?: TextOperation | undefined;
  readonly effects?: readonly Effect[] | undefined;
}

/**
 * The operation in flight was committed as the next version.
 * @param committed its effects count, not those in flight here
 */
export function acknowledge(buffer: Buffer, committed: Acknowledged): Buffer {
  if (buffer.inFlight === null) return buffer;
  const { op = buffer.inFlight.op, effects } = committed;
  return {
    ...buffer,
    version: buffer.version + 1,
    confirmed: isNoOperation(buffer.pending)
      ? buffer.visible
      : buffer.confirmed.apply(buffer.inFlight.op),
    inFlight: null,
    effects: buffer.effects.types.isEmpty
      ? buffer.effects
      : moveOn(buffer.effects, [{ op, effects }], noOperation),
  };
}

/**
 * The operation in flight will never be committed: it leaves the text by its inverse, and pending moves
 * over that inverse. `lostText` is what it had inserted, for its author to keep.
 */
export function dropInFlight(buffer: Buffer): Changed & { readonly lostText: string } {
  const { inFlight, confirmed, pending } = buffer;
  if (inFlight === null) return { buffer, visibleOperation: noOperation, lostText: '' };
  const inverse = confirmed.invert(inFlight.op);
  const visibleOperation = transformCommitted(inverse, pending);
  return {
    buffer: {
      ...buffer,
      inFlight: null,
      pending: transformUncommitted(pending, inverse),
      visible: buffer.visible.apply(visibleOperation),
      effects: moveOn(buffer.effects, [], visibleOperation),
    },
    visibleOperation,
    lostText: insertedText(inFlight.op),
  };
}

/** What effects have led to, as the person sees it; null when that is not known. */
export function visibleState({ effects, inFlight, pending }: Buffer): EffectState | null {
  const { types, state } = effects;
  if (state === null) return null;
  const after = inFlight === null ? state : types.apply(state, inFlight.op, inFlight.effects);
  return types.apply(after, pending, effects.pending);
}

/** Whether something of it was not acknowledged. */
export function hasUnsent({ inFlight, pendingEdits }: Buffer): boolean {
  return inFlight !== null || pendingEdits > 0;
}

/** Whether the server has everything that is unsent: of effects its text does not tell. */
export function isContained(buffer: Buffer, server: DocumentText): boolean {
  const { visible, inFlight, effects } = buffer;
  if (inFlight?.effects !== undefined || effects.pending.length > 0) return false;
  const missing = diffTexts(server.toString(), visible.toString());
  return missing.every((component) => typeof component !== 'string');
}

/** Gives up everything that is not confirmed: the server has it under numbers that are not known here. */
export function dropUnsent(buffer: Buffer, nextSeq: number): Changed {
  const { confirmed, visible } = buffer;
  return {
    buffer: {
      ...{ ...buffer, nextSeq, visible: confirmed },
      ...{ inFlight: null, pending: noOperation, pendingEdits: 0 },
      effects: dropPending(buffer.effects),
    },
    visibleOperation: diffTexts(visible.toString(), confirmed.toString()),
  };
}

/** A document's text at a version, and how it came about, if that is known. */
export interface AdoptedSnapshot {
  readonly version: number;
  readonly text: DocumentText;
  /** Leads from the buffer's confirmed text to `text`; null when only the texts are known. */
  readonly operation: TextOperation | null;
  /** What effects had led to; null for nothing, undefined when that is not told. */
  readonly effectState?: EffectState | null | undefined;
}

/**
 * Continues from a snapshot: what is not committed moves over the operation that leads there, or over the
 * difference of the texts (docs/protocol.md#away-for-long).
 * `inFlightCommitted`: the snapshot contains the operation in flight already, and so does the operation.
 */
export function adoptSnapshot(
  buffer: Buffer,
  { version, text, operation, effectState }: AdoptedSnapshot,
  inFlightCommitted: boolean,
): Changed & { readonly operation: TextOperation } {
  const { inFlight } = buffer;
  const base: Buffer =
    inFlightCommitted && inFlight !== null
      ? { ...buffer, confirmed: buffer.confirmed.apply(inFlight.op), inFlight: null }
      : buffer;
  const exact = base === buffer && leadsTo(base.confirmed, operation, text) ? operation : null;
  const way = exact ?? diffTexts(base.confirmed.toString(), text.toString());
  const { buffer: moved, visibleOperation } = receive(base, way, version, []);
  const effects = replaceState(moved.effects, effectState);
  return { buffer: { ...moved, effects }, visibleOperation, operation: way };
}

/** Whether the operation makes that text of this one. */
export function leadsTo(
  from: DocumentText,
  operation: TextOperation | null,
  to: DocumentText,
): boolean {
  if (operation === null) return false;
  try {
    const reached = from.apply(operation);
    return reached.checksum === to.checksum && reached.lengthUtf16 === to.lengthUtf16;
  } catch {
    return false;
  }
}
