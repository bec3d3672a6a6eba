/**
 * The durable text, and the state that effects led to, folded from the log only when they are needed, with checksums and
 * checkpoints. A checkpoint bounds what a cold open replays; folding before operations are dropped bounds the memory
 * that they take.
 */
import type { DocumentText, EffectState, EffectTypes } from '@concord/ot';
import {
  CHECKSUM_EVERY_VERSIONS,
  CHECKSUM_INTERVAL_MS,
  TAIL_OPERATIONS_MAX,
} from '@concord/protocol';
import type { CommitLog } from './commit-log.ts';
import { SentChecksums } from './divergence.ts';
import type { OpenedDocument } from './document-messages.ts';
import type { EffectSink } from './effect-sink.ts';

/** A checkpoint is due after this many versions: a cold open replays at most about twice as many. */
export const CHECKPOINT_EVERY_VERSIONS = 1_000;
/** … or after this many bytes of operations: a thousand of them may be 64 MB. */
const CHECKPOINT_EVERY_BYTES = 4 * 1024 * 1024;
/** Operations kept in memory for stale clients: as many as a join may bring, and no more than this. */
const RECENT_BYTES = 8 * 1024 * 1024;

export class FoldedText {
  readonly #log: CommitLog;
  readonly #effects: EffectSink;
  readonly #sentChecksums = new SentChecksums();
  readonly #effectTypes: EffectTypes;
  #text: DocumentText;
  #state: EffectState;
  /** Of both. */
  #textVersion: number;
  /** When a checksum was last sent, and of which version. */
  #checksumVersion: number;
  #checksumAt = 0;
  #checkpointVersion: number;
  #checkpointing = false;
  /** Of operations committed since the newest checkpoint. */
  #bytesSinceCheckpoint: number;

  constructor(
    { version, text, effectState }: OpenedDocument,
    log: CommitLog,
    effectTypes: EffectTypes,
    effects: EffectSink,
  ) {
    this.#effectTypes = effectTypes;
    this.#state = effectState ?? effectTypes.initial;
    this.#log = log;
    this.#effects = effects;
    this.#text = text;
    this.#textVersion = version;
    this.#checksumVersion = log.head;
    this.#checkpointVersion = version;
    this.#bytesSinceCheckpoint = log.recent.bytes;
  }

  /** The text at the head. */
  get current(): DocumentText {
    return this.#foldTo(this.#log.head);
  }
  /** What the effects up to the head led to; undefined for nothing. */
  get state(): EffectState | undefined {
    this.#foldTo(this.#log.head);
    return this.#state === this.#effectTypes.initial ? undefined : this.#state;
  }
  /** How long the text is as far as it was folded. */
  get lengthUtf16(): number {
    return this.#text.lengthUtf16;
  }
  /** A checkpoint is being written. */
  get isCheckpointing(): boolean {
    return this.#checkpointing;
  }
  /** The newest checkpoint is the text at the head. */
  get isCheckpointed(): boolean {
    return this.#log.head <= this.#checkpointVersion;
  }

  /** The checksum of the text at a version when one is due to be sent with it; undefined when none is. */
  checksumWhenDue(version: number, now: number): number | undefined {
    const isDue =
      version - this.#checksumVersion >= CHECKSUM_EVERY_VERSIONS &&
      now - this.#checksumAt >= CHECKSUM_INTERVAL_MS;
    if (!isDue) return undefined;
    this.#checksumVersion = version;
    this.#checksumAt = now;
    const { checksum } = this.#foldTo(version);
    this.#sentChecksums.add(version, checksum);
    return checksum;
  }

  /** The checksum of the head, or of a version whose checksum was sent lately; undefined for others. */
  knownChecksum(version: number): number | undefined {
    return version === this.#log.head ? this.current.checksum : this.#sentChecksums.at(version);
  }

  /** The versions from `firstVersion` to the head are durable since now. */
  committed(firstVersion: number): void {
    this.#bytesSinceCheckpoint += this.#log.recent.bytesBetween(firstVersion - 1, this.#log.head);
  }

  checkpointWhenDue(): void {
    const isDue =
      this.#log.head - this.#checkpointVersion >= CHECKPOINT_EVERY_VERSIONS ||
      this.#bytesSinceCheckpoint >= CHECKPOINT_EVERY_BYTES;
    if (isDue) this.checkpoint();
  }

  /** Asks for a checkpoint of the head; one is written at a time. */
  checkpoint(): void {
    if (this.#checkpointing) return;
    this.#checkpointing = true;
    this.#bytesSinceCheckpoint = 0;
    const { current: text, state: effectState } = this;
    this.#effects.push({ type: 'checkpoint', version: this.#log.head, text, effectState });
  }

  checkpointed(version: number): void {
    this.#checkpointing = false;
    this.#checkpointVersion = version;
  }

  /** The log has everything: the next checkpoint is tried when it is due, as if this one had been written. */
  checkpointFailed(): void {
    this.#checkpointing = false;
    this.#checkpointVersion = this.#log.head;
  }

  /** Drops operations beyond what is kept in memory, after they were folded. Returns whether it did. */
  dropOldOperations(): boolean {
    const { head, recent } = this.#log;
    const isLong = recent.until - recent.from > TAIL_OPERATIONS_MAX + CHECKPOINT_EVERY_VERSIONS;
    if (recent.bytes <= RECENT_BYTES && !isLong) return false;
    this.#foldTo(head);
    const kept = head - TAIL_OPERATIONS_MAX;
    const light = Math.min(recent.versionWithin(RECENT_BYTES / 2), head);
    recent.dropUntil(recent.bytes > RECENT_BYTES ? Math.max(light, kept) : kept);
    return true;
  }

  #foldTo(version: number): DocumentText {
    if (version > this.#textVersion) {
      for (const { op, effects } of this.#log.recent.between(this.#textVersion, version)) {
        this.#text = this.#text.apply(op);
        this.#state = this.#effectTypes.apply(this.#state, op, effects);
      }
      this.#textVersion = version;
    }
    return this.#text;
  }
}
