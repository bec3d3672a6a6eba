/**
 * An immutable text in chunks, each knowing its length in code points. A keystroke in a 1 MB text
 * copies about a thousand references and one chunk; converting a position looks into one chunk only.
 */
import { joinChecksums, textChecksum } from './checksum.ts';
import {
  countCodePoints,
  OperationBuilder,
  utf16OffsetOf,
  type TextOperation,
} from './operation.ts';

/** Chunks are filled up to this many UTF-16 units: small enough to scan, large enough to be few. */
const CHUNK_UTF16 = 1024;

interface Chunk {
  readonly text: string;
  readonly codePoints: number;
  /** Checksum of the chunk's text, computed on first use. */
  checksum?: number;
}

/** A change in an editor: positions in UTF-16 units of the text before all changes, ascending. */
export interface TextChange {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** Thrown when an operation reads past the end of the text it is applied to. */
export class OperationOutOfRangeError extends Error {
  readonly code = 'operationOutOfRange';
  readonly lengthCodePoints: number;
  constructor(lengthCodePoints: number) {
    super(`The operation reaches past the end of a text of ${lengthCodePoints} code points`);
    this.lengthCodePoints = lengthCodePoints;
  }
}

/** Replaces each lone surrogate by U+FFFD, so that the length in UTF-16 units stays the same. */
export function toWellFormed(text: string): string {
  return text.toWellFormed();
}

/** True when every surrogate stands in a pair. */
export function isWellFormed(text: string): boolean {
  return text.isWellFormed();
}

export class DocumentText {
  static readonly empty = new DocumentText([], 0, 0);

  /** Splits a well-formed string into chunks, never inside a surrogate pair. */
  static from(text: string): DocumentText {
    const builder = new ChunkBuilder();
    builder.pushText(text);
    return builder.build();
  }

  readonly #chunks: readonly Chunk[];
  readonly lengthCodePoints: number;
  readonly lengthUtf16: number;

  private constructor(chunks: readonly Chunk[], codePoints: number, utf16: number) {
    this.#chunks = chunks;
    this.lengthCodePoints = codePoints;
    this.lengthUtf16 = utf16;
  }

  /** @internal used by the chunk builder */
  static fromChunks(chunks: readonly Chunk[], codePoints: number, utf16: number): DocumentText {
    return new DocumentText(chunks, codePoints, utf16);
  }

  /** Chunks in use, for measuring: any two neighbours hold more than one full chunk together. */
  get chunkCount(): number {
    return this.#chunks.length;
  }

  /** `textChecksum` of the text; reads only chunks that are new since the last call. */
  get checksum(): number {
    let sum = 0;
    for (const chunk of this.#chunks) {
      chunk.checksum ??= textChecksum(chunk.text);
      sum = joinChecksums(sum, chunk.checksum, chunk.text.length);
    }
    return sum;
  }

  /**
   * The text in pieces, each an object that later texts share as long as it is not edited: storing a later
   * text means storing only the new pieces.
   */
  get pieces(): readonly { readonly text: string }[] {
    return this.#chunks;
  }

  toString(): string {
    let text = '';
    for (const chunk of this.#chunks) text += chunk.text;
    return text;
  }

  /** The text after `operation`. Throws {@link OperationOutOfRangeError}; the operation must be valid. */
  apply(operation: TextOperation): DocumentText {
    if (operation.length === 0) return this;
    const builder = new ChunkBuilder();
    const reader = new ChunkReader(this.#chunks);
    for (const component of operation) {
      if (typeof component === 'string') builder.pushText(component);
      else {
        const count = typeof component === 'number' ? component : component.d;
        const missing = reader.read(count, typeof component === 'number' ? builder : null);
        if (missing > 0) throw new OperationOutOfRangeError(this.lengthCodePoints);
      }
    }
    reader.read(Infinity, builder);
    return builder.build();
  }

  /** The operation that undoes `operation`, which must apply to this text. */
  invert(operation: TextOperation): TextOperation {
    const inverse = new OperationBuilder();
    const reader = new ChunkReader(this.#chunks);
    for (const component of operation) {
      if (typeof component === 'string') {
        inverse.delete(countCodePoints(component));
      } else if (typeof component === 'number') {
        inverse.retain(component);
        reader.read(component, null);
      } else {
        const removed = new ChunkBuilder();
        reader.read(component.d, removed);
        inverse.insert(removed.build().toString());
      }
    }
    return inverse.build();
  }

  /** Position in UTF-16 units of a position in code points; clamped to the text. */
  utf16FromCodePoint(codePoint: number): number {
    return new PositionCursor(this.#chunks).utf16At(Math.max(0, codePoint));
  }

  /**
   * Position in code points of a position in UTF-16 units; clamped to the text. A position inside a
   * surrogate pair counts as the start of the pair.
   */
  codePointFromUtf16(utf16: number): number {
    return new PositionCursor(this.#chunks).codePointAt(Math.max(0, utf16));
  }

  /** The part of the text between two positions in code points, clamped to the text. */
  sliceCodePoints(from: number, to: number): string {
    const reader = new ChunkReader(this.#chunks);
    const part = new ChunkBuilder();
    const start = Math.max(0, from);
    reader.read(start, null);
    reader.read(to - start, part);
    return part.build().toString();
  }

  /** An operation as editor changes: positions in UTF-16 units of this text, ascending, not touching. */
  changesFromOperation(operation: TextOperation): TextChange[] {
    const changes: TextChange[] = [];
    const cursor = new PositionCursor(this.#chunks);
    let codePoint = 0;
    let open: { from: number; to: number; insert: string } | null = null;
    for (const component of operation) {
      if (typeof component === 'number') {
        codePoint += component;
        open = null;
        continue;
      }
      if (open === null) {
        const at = cursor.utf16At(codePoint);
        open = { from: at, to: at, insert: '' };
        changes.push(open);
      }
      if (typeof component === 'string') open.insert += component;
      else {
        codePoint += component.d;
        open.to = cursor.utf16At(codePoint);
      }
    }
    return changes;
  }

  /**
   * Editor changes as one operation. Changes are ascending and do not overlap. The text it produces is
   * the edited string with each lone surrogate replaced by U+FFFD, so that its length in UTF-16 units is the
   * editor's. The operation never splits a pair; a change that begins or ends inside one is widened to the
   * whole pair, and the halves outside the change are inserted again.
   */
  operationFromChanges(changes: readonly TextChange[]): TextOperation {
    const operation = new OperationBuilder();
    const cursor = new PositionCursor(this.#chunks);
    let read = 0;
    for (const { from, to, insert } of joinTouching(changes)) {
      if (from === to && insert === '') continue;
      const start = cursor.codePointAt(from);
      const sparedHigh = cursor.cutPair.slice(0, 1);
      const lastRead = cursor.codePointAt(to);
      const sparedLow = cursor.cutPair.slice(1);
      const end = sparedLow === '' ? lastRead : lastRead + 1;
      operation.retain(start - read);
      operation.insert(toWellFormed(sparedHigh + insert + sparedLow));
      operation.delete(end - start);
      read = end;
    }
    return operation.build();
  }
}

/** Joins touching changes: the halves of a pair may come from two of them. */
function joinTouching(changes: readonly TextChange[]): TextChange[] {
  const joined: TextChange[] = [];
  for (const change of changes) {
    const last = joined.at(-1);
    if (last?.to !== change.from) joined.push(change);
    else {
      joined[joined.length - 1] = {
        from: last.from,
        to: change.to,
        insert: last.insert + change.insert,
      };
    }
  }
  return joined;
}

/** Walks over chunks from the front, copying to a builder or skipping. */
class ChunkReader {
  readonly #chunks: readonly Chunk[];
  #index = 0;
  /** UTF-16 units and code points of the current chunk read so far. */
  #utf16 = 0;
  #codePoints = 0;

  constructor(chunks: readonly Chunk[]) {
    this.#chunks = chunks;
  }

  /** Reads up to `count` code points; returns how many were missing. */
  read(count: number, into: ChunkBuilder | null): number {
    let left = count;
    while (left > 0) {
      const chunk = this.#chunks[this.#index];
      if (chunk === undefined) return left;
      const available = chunk.codePoints - this.#codePoints;
      if (available <= left) {
        if (this.#utf16 === 0) into?.pushChunk(chunk);
        else into?.pushChunk({ text: chunk.text.slice(this.#utf16), codePoints: available });
        left -= available;
        this.#index++;
        this.#utf16 = 0;
        this.#codePoints = 0;
      } else {
        const isPlain = chunk.text.length === chunk.codePoints;
        const end = isPlain
          ? this.#utf16 + left
          : this.#utf16 + utf16OffsetOf(chunk.text.slice(this.#utf16), left);
        into?.pushChunk({ text: chunk.text.slice(this.#utf16, end), codePoints: left });
        this.#utf16 = end;
        this.#codePoints += left;
        return 0;
      }
    }
    return 0;
  }
}

/** Collects chunks; neighbours that fit into one chunk are joined, so that chunks stay few. */
class ChunkBuilder {
  readonly #chunks: Chunk[] = [];
  #last: Chunk | null = null;
  #codePoints = 0;
  #utf16 = 0;

  pushChunk(chunk: Chunk): void {
    if (chunk.text === '') return;
    this.#codePoints += chunk.codePoints;
    this.#utf16 += chunk.text.length;
    if (this.#last !== null && this.#last.text.length + chunk.text.length <= CHUNK_UTF16) {
      this.#last = {
        text: this.#last.text + chunk.text,
        codePoints: this.#last.codePoints + chunk.codePoints,
      };
      this.#chunks[this.#chunks.length - 1] = this.#last;
    } else {
      this.#chunks.push(chunk);
      this.#last = chunk;
    }
  }

  pushText(text: string): void {
    for (let start = 0; start < text.length;) {
      let end = Math.min(start + CHUNK_UTF16, text.length);
      if (end < text.length && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end--;
      const piece = text.slice(start, end);
      this.pushChunk({ text: piece, codePoints: countCodePoints(piece) });
      start = end;
    }
  }

  build(): DocumentText {
    return DocumentText.fromChunks(this.#chunks, this.#codePoints, this.#utf16);
  }
}

/** Converts ascending positions; looks at each chunk's counts once and into one chunk per position. */
class PositionCursor {
  readonly #chunks: readonly Chunk[];
  #index = 0;
  #utf16Before = 0;
  #codePointsBefore = 0;
  /** The pair that contains the last position given to `codePointAt` between its halves, or an empty string. */
  cutPair = '';

  constructor(chunks: readonly Chunk[]) {
    this.#chunks = chunks;
  }

  utf16At(codePoint: number): number {
    for (;;) {
      const chunk = this.#chunks[this.#index];
      if (chunk === undefined) return this.#utf16Before;
      const inside = codePoint - this.#codePointsBefore;
      if (inside < chunk.codePoints) {
        const isPlain = chunk.text.length === chunk.codePoints;
        return this.#utf16Before + (isPlain ? inside : utf16OffsetOf(chunk.text, inside));
      }
      this.#advance(chunk);
    }
  }

  codePointAt(utf16: number): number {
    this.cutPair = '';
    for (;;) {
      const chunk = this.#chunks[this.#index];
      if (chunk === undefined) return this.#codePointsBefore;
      const inside = utf16 - this.#utf16Before;
      if (inside < chunk.text.length) {
        if (chunk.text.length === chunk.codePoints) return this.#codePointsBefore + inside;
        // Chunks are well-formed: a trailing half has its leading half before it, in the same chunk.
        const cutsPair = (chunk.text.charCodeAt(inside) & 0xfc00) === 0xdc00;
        if (cutsPair) this.cutPair = chunk.text.slice(inside - 1, inside + 1);
        const start = cutsPair ? inside - 1 : inside;
        return this.#codePointsBefore + countCodePoints(chunk.text.slice(0, start));
      }
      this.#advance(chunk);
    }
  }

  #advance(chunk: Chunk): void {
    this.#utf16Before += chunk.text.length;
    this.#codePointsBefore += chunk.codePoints;
    this.#index++;
  }
}
