/** The newest compressed text of a document: written as its checkpoint, and served to the joins of a whole room. */
import type { DocumentText, EffectState } from '@concord/ot';
import type { Checkpoint } from '../store/ports/store.ts';
import { checkpointOf } from './open-document.ts';

/** A document as its checkpoint has it. */
export interface Snapshotted {
  readonly text: DocumentText;
  /** Undefined for none. */
  readonly effectState: EffectState | undefined;
}

/** A snapshot further behind the head than this is made anew rather than served with a long tail. */
const SNAPSHOT_BEHIND_MAX = 1_000;

export class Snapshots {
  #newest: { readonly version: number; readonly made: Promise<Checkpoint> } | null = null;
  #compressing: Promise<Checkpoint> | null = null;
  #bytes = 0;

  /** @param checkpoint that the document was opened from */
  constructor(checkpoint: Checkpoint | null) {
    if (checkpoint === null) return;
    this.#newest = { version: checkpoint.version, made: Promise.resolve(checkpoint) };
    this.#bytes = checkpoint.compressedText.length;
  }

  /** What the newest one takes. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * A snapshot at `atLeastVersion` or newer. One text is compressed at a time: requests meanwhile share the next one.
   *
   * @param durable the head and what it is, asked for when one is to be made
   */
  async get(
    atLeastVersion: number,
    durable: { readonly version: () => number; readonly document: () => Snapshotted },
  ): Promise<Checkpoint> {
    for (;;) {
      const version = durable.version();
      const kept = this.#newest;
      const isNewEnough =
        kept !== null &&
        kept.version >= atLeastVersion &&
        version - kept.version <= SNAPSHOT_BEHIND_MAX;
      if (isNewEnough) return kept.made;
      if (this.#compressing === null) return this.compress(version, durable.document());
      await this.#compressing.catch(() => {});
    }
  }

  /** Compresses the text at a version, unless that was or is being done. */
  compress(version: number, { text, effectState }: Snapshotted): Promise<Checkpoint> {
    if (this.#newest?.version === version) return this.#newest.made;
    const made = checkpointOf(text, version, effectState);
    this.#newest = { version, made };
    this.#compressing = made;
    const done = (): void => {
      if (this.#compressing === made) this.#compressing = null;
    };
    made.then(({ compressedText }) => {
      this.#bytes = compressedText.length;
      done();
    }, done);
    return made;
  }
}
