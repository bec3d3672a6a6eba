/** Use cases of texts: read, replaced, the snapshot that clients open a document with, and what happened between versions. */
import type { ClientId, DocumentId, Head, Limits } from '@concord/protocol';
import type { DocumentText } from '@concord/ot';
import { askerOf, type Identified, type Principal } from '../access/principal.ts';
import type { Log } from '../platform/log.ts';
import type { ServerMetrics } from '../platform/metrics.ts';
import type { Checkpoint, Store } from '../store/ports/store.ts';
import { Compositions, type CompositionRange } from './compositions.ts';
import { requireDocument, requireNotTrashed } from './document-access.ts';
import { documentNotFound, TextChangedError } from './document-error.ts';
import type { DocumentHandle, DocumentHandles } from './document-handle.ts';
import type { AcquireOptions } from './ownership.ts';
import { writerOf, type Quotas } from './quotas/quotas.ts';
import { requireRoom } from './quotas/require-room.ts';
import { replaceText, versionAhead, type ReplacementBase } from './replace-text.ts';
import { TextDiffs } from './text-diffs.ts';
import { otherHistory, textEtag } from './text-tags.ts';

export interface TextServiceOptions {
  readonly store: Store;
  readonly handles: Pick<DocumentHandles, 'open'>;
  readonly limits: Limits;
  readonly quotas: Quotas;
  readonly log: Log;
  readonly metrics: Pick<ServerMetrics, 'workRefused'>;
}

export interface ReadText {
  readonly version: number;
  readonly text: DocumentText;
  /** Names the text (text-tags.ts). */
  readonly tag: string;
}

/** The writer, as given by the request. */
export interface TextWriter extends AcquireOptions {
  readonly principal: Principal;
  /** Called after authorisation; makes a new browser a guest. */
  readonly identified: () => Promise<Identified>;
  readonly address: string;
  /** Who has what comparing texts and composing costs (http/rate-limits.ts, `bucketOwner`). */
  readonly lane: string;
}

export interface WantedText {
  readonly text: string;
  readonly base: ReplacementBase;
  /** Whether the tag of the text that there is, is one with which nothing is to be written; null for no such condition. */
  readonly unless: ((tag: string) => boolean) | null;
  /** The client id of this replacement alone, when it may be sent again. */
  readonly onceAs: ClientId | null;
}

export interface WrittenText {
  readonly version: number;
  /** Of the text as it was sent; null when it was merged. */
  readonly tag: string | null;
}

export class TextService {
  readonly #options: TextServiceOptions;
  readonly #diffs: TextDiffs;
  readonly #compositions: Compositions;

  constructor(options: TextServiceOptions) {
    this.#options = options;
    const { store, log, metrics } = options;
    this.#diffs = new TextDiffs({
      gaveUp: () => log.warn('a replaced text took too long to compare: written as one piece'),
    });
    const refused = (): void => metrics.workRefused('compositions');
    this.#compositions = new Compositions({ store, refused });
  }

  /** Rejects as `requireDocument`, and with StoreError, CorruptionError or NotHereError. */
  async read(principal: Principal, id: DocumentId, options?: AcquireOptions): Promise<ReadText> {
    await requireDocument(this.#options.store, principal, id, 'read');
    const document = await this.#opened(id, options);
    const { version, text } = await document.text();
    return { version, text, tag: await textEtag(document, version) };
  }

  /**
   * A text at a version, `atLeast` or newer, as it is stored. Rejects as {@link read}, and with DocumentError
   * `versionAhead`, or `otherHistory` when the log does not have the operation that is named.
   */
  async snapshot(
    principal: Principal,
    id: DocumentId,
    { atLeast, head }: { readonly atLeast: number; readonly head: Head | null },
    options?: AcquireOptions,
  ): Promise<Checkpoint & { readonly tag: string }> {
    await requireDocument(this.#options.store, principal, id, 'read');
    const document = await this.#opened(id, options);
    if (head !== null && !(await document.isInLog(head))) throw otherHistory();
    const snapshot = await document.snapshot(atLeast);
    if (snapshot === null) throw versionAhead(atLeast);
    return { ...snapshot, tag: await textEtag(document, snapshot.version) };
  }

  /** {@link Compositions.compose}, for principals that may read the document. */
  async composed(principal: Principal, lane: string, range: CompositionRange): Promise<Buffer> {
    await requireDocument(this.#options.store, principal, range.id, 'read');
    return this.#compositions.compose(range, lane);
  }

  /** Rejects as {@link read}, with AccessError, and with DocumentError `inTrash`, `quotaExceeded` or as `replaceText`. */
  async replace(writer: TextWriter, id: DocumentId, wanted: WantedText): Promise<WrittenText> {
    const { store, quotas, limits } = this.#options;
    requireNotTrashed(await requireDocument(store, writer.principal, id, 'write'));
    const identified = await writer.identified();
    const charged = writerOf(identified, writer.address);
    await requireRoom(quotas, charged);
    const document = await this.#opened(id, writer);
    const { text, base, unless, onceAs } = wanted;
    if (unless !== null) {
      const tag = await textEtag(document, await document.version());
      if (unless(tag)) throw new TextChangedError(tag);
    }
    const { version, isAsSent, cost } = await replaceText(document, this.#diffs, limits, {
      text,
      base,
      userId: identified.userId,
      lane: writer.lane,
      atMost: askerOf(writer.principal).atMost,
      onceAs,
    });
    if (cost > 0) quotas.charge(charged, id, cost);
    return { version, tag: isAsSent ? await textEtag(document, version) : null };
  }

  async #opened(id: DocumentId, options?: AcquireOptions): Promise<DocumentHandle> {
    const document = await this.#options.handles.open(id, options);
    if (document === null) throw documentNotFound();
    return document;
  }
}
