/** What a client keeps on its device, written together (protocol.md, client state machine). */
import {
  noEffects,
  type DocumentText,
  type Effect,
  type EffectState,
  type EffectTypes,
  type TextOperation,
} from '@concord/ot';
import {
  effectTypes,
  type ClientId,
  type DocumentId,
  type OperationIdentity,
  type Role,
} from '@concord/protocol';
import type { Buffer, InFlight } from './buffer.ts';
import type { BufferEffects } from './buffer-effects.ts';
import type { Rename } from './title.ts';

export interface Replica {
  readonly documentId: DocumentId;
  readonly clientId: ClientId;
  /** Whose edits these are; null before the first join of a program. Never sent as anybody else's. */
  readonly userId: string | null;
  /** Incremented and written before every join. */
  readonly epoch: number;
  /** The store the versions belong to; null before the first join. */
  readonly historyId: string | null;
  /** False until the text was received for the first time. */
  readonly opened: boolean;
  /** Made on this device, and not yet on the server. */
  readonly isNew: boolean;
  /** What the person might do when there was a connection; null when that is not known. */
  readonly role: Role | null;
  /** The server's, and its version; `UNKNOWN_TITLE_VERSION` before it told one, and in older rows. */
  readonly title: string;
  readonly titleVersion: number;
  /** What the person sees, when the server does not have it yet. */
  readonly titleDraft: string | null;
  /** How that came about: see title.ts. */
  readonly renames: readonly Rename[];
  readonly version: number;
  /** The operation that produced the version: proves whose history it is. Null at version 0, and in older rows. */
  readonly head: OperationIdentity | null;
  readonly confirmed: DocumentText;
  readonly inFlight: InFlight | null;
  readonly pending: TextOperation;
  readonly pendingEdits: number;
  readonly nextSeq: number;
  /** Pending beside the text; absent for none, and in older rows. */
  readonly pendingEffects?: readonly Effect[] | undefined;
  /** What effects had led to at the version; null when that is not known. Absent where no type is known, and in older rows. */
  readonly effectState?: EffectState | null | undefined;
}

/** The visible text is derived, never kept. */
export function bufferOf(replica: Replica, types: EffectTypes = effectTypes): Buffer {
  const afterInFlight =
    replica.inFlight === null ? replica.confirmed : replica.confirmed.apply(replica.inFlight.op);
  return {
    version: replica.version,
    confirmed: replica.confirmed,
    inFlight: replica.inFlight === null ? null : knownInFlight(replica.inFlight, types),
    pending: replica.pending,
    pendingEdits: replica.pendingEdits,
    nextSeq: replica.nextSeq,
    visible: afterInFlight.apply(replica.pending),
    effects: {
      types,
      state: types.restore(replica.version === 0 ? types.initial : (replica.effectState ?? null)),
      // What a newer app left of types that are not known here cannot be moved: it is not sent.
      pending: types.known(replica.pendingEffects ?? noEffects),
    },
  };
}

function knownInFlight(inFlight: InFlight, types: EffectTypes): InFlight {
  const { effects, ...plain } = inFlight;
  if (effects === undefined) return inFlight;
  const known = types.known(effects);
  return known.length === 0 ? plain : { ...plain, effects: known };
}

/** The fields of effects: none for a program that knows none. */
export function keptEffects({
  types,
  state,
  pending,
}: BufferEffects): Pick<Replica, 'pendingEffects' | 'effectState'> {
  if (types.isEmpty && pending.length === 0) return {};
  return { pendingEffects: pending, effectState: state };
}
