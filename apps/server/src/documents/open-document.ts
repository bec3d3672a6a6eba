/** Opens a document from the store: the newest checkpoint, and the log after it (cheap opening). */
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { DocumentText, textChecksum, type EffectState } from '@concord/ot';
import { effectTypes, type DocumentId, type Limits } from '@concord/protocol';
import pLimit from 'p-limit';
import {
  CorruptionError,
  StoreError,
  type Checkpoint,
  type LoggedOperation,
  type OperationLog,
  type Store,
} from '../store/ports/store.ts';
import type { OpenedDocument } from './core/document-messages.ts';
import { aboutBytesOf } from './core/recent-operations.ts';
import type { OwnershipTerm } from './ownership.ts';
import { SlicedWork } from '../platform/sliced-work.ts';
import { Turns } from '../platform/turns.ts';

/** Old texts are replayed one after the other: others' work comes in between them. */
const replays = new Turns(1);

const gunzipAsync = promisify(gunzip);
const gzipAsync = promisify(gzip);

/** Operations read from the log at a time, so that a long log does not hold the store up. */
const READ_OPERATIONS = 5_000;
/** … at first, until it is known how large they are. */
const READ_OPERATIONS_FIRST = 200;
/** … and bytes, about: what is read is in memory twice, and handed over by the store's thread in one piece. */
const READ_BYTES = 512 * 1024;
/** Component steps of replaying a text for a request of an old version: a second or two, in slices. */
const REPLAY_STEPS_MAX = 5_000_000;
/** A member of the database may be behind what the log is known to have: it is read again, for a second or two. */
const READS_MAX = 6;
const READ_AGAIN_MS = 100;

/** What the owner needs, and the checkpoint it came from, to be served as it is. */
export interface Opened {
  readonly document: OpenedDocument;
  readonly checkpoint: Checkpoint | null;
  /** Why the text was replayed from the log: every checkpoint after a version is damaged. */
  readonly damagedCheckpoint: { readonly error: CorruptionError; readonly after: number } | null;
}

/**
 * Null when there is no such document. Rejects with CorruptionError or StoreError.
 * @param owned resolves when this process owns the document: its log is read after that, at least up to the head of the
 * term
 */
export async function openDocument(
  store: Store,
  documentId: DocumentId,
  limits: Limits,
  owned?: Promise<OwnershipTerm | null>,
): Promise<Opened | null> {
  const [record, term] = await Promise.all([store.documents.get(documentId), owned]);
  const access = record === null || term === null ? null : await store.access.get(documentId);
  if (record === null || access === null) return null;
  const { start, folded, tail } = await readUpTo(store, documentId, term?.head ?? 0);
  const { checkpoint, damage } = start;
  const { version, text, effectState } = folded;
  const { historyId } = store;
  const state = effectState === effectTypes.initial ? undefined : effectState;
  const { title, titleVersion } = record;
  return {
    document: { documentId, historyId, title, titleVersion, limits, access, version, text, effectState: state, tail }, // prettier-ignore
    checkpoint: damage === null ? checkpoint : null,
    damagedCheckpoint: damage === null ? null : { error: damage, after: start.version },
  };
}

interface ReadDocument {
  readonly start: SoundStart;
  readonly folded: FoldedDocument;
  readonly tail: readonly LoggedOperation[];
}

/** @param head the log has at least this version: what ends before it was read from a stale member of the database */
async function readUpTo(store: Store, documentId: DocumentId, head: number): Promise<ReadDocument> {
  for (let reads = 1; ; reads++) {
    const start = await soundStart(store, documentId, Number.MAX_SAFE_INTEGER, head);
    let folded: FoldedDocument = start;
    if (start.damage !== null) {
      // What the log holds since an older checkpoint may be too much for a tail.
      const until = Math.max(head, await store.log.headVersion(documentId));
      folded = await replayed(store, documentId, start, until);
    }
    const tail: LoggedOperation[] = [];
    for await (const read of readLog(store.log, documentId, folded.version)) tail.push(...read);
    if (folded.version + tail.length >= head) return { start, folded, tail };
    if (reads === READS_MAX) throw behind(documentId, head);
    await sleep(READ_AGAIN_MS * reads);
  }
}

function behind(documentId: DocumentId, version: number): StoreError {
  const detail = `The log of document ${documentId} cannot be read up to version ${version} now.`;
  return new StoreError(detail, false);
}

/** A document at a version: its text, and what effects led to. */
interface FoldedDocument {
  readonly version: number;
  readonly text: DocumentText;
  readonly effectState: EffectState;
}

interface SoundStart extends FoldedDocument {
  readonly checkpoint: Checkpoint | null;
  /** Why a newer checkpoint was not taken. */
  readonly damage: CorruptionError | null;
}

/**
 * The newest sound checkpoint at or before a version; without one, the empty text at version 0 (I6).
 * @param head the log has at least this version, whatever is read of it
 */
async function soundStart(
  store: Store,
  documentId: DocumentId,
  version: number,
  head = 0,
): Promise<SoundStart> {
  let damage: CorruptionError | null = null;
  for (let atMost = version; atMost >= 0;) {
    try {
      const checkpoint = await store.checkpoints.atOrBefore(documentId, atMost);
      if (checkpoint === null) break;
      const text = await textOfCheckpoint(documentId, checkpoint);
      if (checkpoint.version > head) {
        await requireLogUpTo(store, documentId, checkpoint.version);
      }
      const effectState = effectStateOf(checkpoint);
      return { checkpoint, version: checkpoint.version, text, effectState, damage };
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
      damage ??= error;
      // A damaged one does not say of which version it is.
      const versions = await store.checkpoints.versions(documentId);
      atMost = (versions.find((each) => each <= atMost) ?? 0) - 1;
    }
  }
  if (damage !== null && (await store.log.headVersion(documentId)) === 0) throw damage;
  const { initial: effectState } = effectTypes;
  return { checkpoint: null, version: 0, text: DocumentText.empty, effectState, damage };
}

/** That of types which the checkpoint does not know is empty: the log has no effect of theirs up to there. */
export function effectStateOf({ effectState }: Pick<Checkpoint, 'effectState'>): EffectState {
  if (effectState === undefined) return effectTypes.initial;
  const kept = JSON.parse(effectState) as EffectState;
  return effectTypes.restore({ ...effectTypes.initial, ...kept }) ?? effectTypes.initial;
}

async function requireLogUpTo(
  store: Store,
  documentId: DocumentId,
  version: number,
): Promise<void> {
  const head = await store.log.headVersion(documentId);
  if (head >= version) return;
  throw new CorruptionError(
    `The log of document ${documentId} ends at version ${head}, but its checkpoint is of version ` +
      `${version}: the newest changes are missing. Restore a backup.`,
  );
}

async function replayed(
  store: Store,
  documentId: DocumentId,
  start: FoldedDocument,
  until: number,
  work = new SlicedWork(),
): Promise<FoldedDocument> {
  let { version, text, effectState } = start;
  for await (const operations of readLog(store.log, documentId, start.version, until)) {
    version += operations.length;
    for (const { op, effects } of operations) {
      text = text.apply(op);
      effectState = effectTypes.apply(effectState, op, effects);
      work.spend(op.length + 1);
      if (work.isSliceOver) await work.rest();
    }
  }
  if (version < until) throw behind(documentId, until);
  return { version, text, effectState };
}

/** The log after a version, in pieces. */
export async function* readLog(
  log: OperationLog,
  documentId: DocumentId,
  afterVersion: number,
  untilVersion = Infinity,
): AsyncGenerator<readonly LoggedOperation[]> {
  let most = READ_OPERATIONS_FIRST;
  for (let version = afterVersion; version < untilVersion;) {
    const limit = Math.min(most, untilVersion - version);
    const operations = await log.read(documentId, version, limit);
    if (operations.length === 0) return;
    yield operations;
    version += operations.length;
    let bytes = 0;
    for (const each of operations) bytes += aboutBytesOf(each);
    const fitting = Math.floor((READ_BYTES * operations.length) / bytes);
    most = Math.max(1, Math.min(READ_OPERATIONS, fitting));
  }
}

/**
 * The text at a version that the document has had: replayed from the checkpoint at or before it. Rejects with
 * WorkExceededError when too much happened since.
 * @param userId whose turn it uses up; without it, a turn of the server's own
 */
export async function textAtVersion(
  store: Store,
  documentId: DocumentId,
  version: number,
  userId?: string,
): Promise<DocumentText> {
  const start = await soundStart(store, documentId, version);
  const work = new SlicedWork(REPLAY_STEPS_MAX);
  const made = replays.run(() => replayed(store, documentId, start, version, work), userId);
  return (await made).text;
}

/** Rejects with CorruptionError when the text is not the one that was written (I6). */
export async function textOfCheckpoint(
  documentId: DocumentId,
  checkpoint: Checkpoint,
): Promise<DocumentText> {
  const bytes = await gunzipAsync(checkpoint.compressedText).catch(() => null);
  const text = bytes?.toString('utf8');
  if (text === undefined || textChecksum(text) !== checkpoint.checksum) {
    throw new CorruptionError(
      `The checkpoint of document ${documentId} at version ${checkpoint.version} is damaged: ` +
        'restore the data directory from a backup.',
    );
  }
  return DocumentText.from(text);
}

/** Of the four threads that Node has for such work, two are left to passwords and files. */
const compressions = pLimit(2);

/**
 * Compresses away from the event loop.
 * @param effectState undefined for none
 */
export async function checkpointOf(
  text: DocumentText,
  version: number,
  effectState?: EffectState,
): Promise<Checkpoint> {
  const characters = text.toString();
  return {
    version,
    compressedText: await compressions(() => gzipAsync(characters, { level: 6 })),
    checksum: text.checksum,
    lengthCodePoints: text.lengthCodePoints,
    ...(effectState === undefined ? {} : { effectState: JSON.stringify(effectState) }),
  };
}
