/**
 * Reads SQLite's write-ahead log independently of SQLite: which pages were committed to it, and how far it is valid.
 * The layout is SQLite's "WAL File Format", section 4. SQLite silently ends the log at the first frame with a wrong
 * checksum; commits after that frame are lost, which only a separately stored length can detect.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';

export const PAGE_BYTES = 4096;
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES;
/** Enough that a commit of a few keystrokes needs one read. */
const FRAMES_PER_READ = 8;

/** A position in the log: its first `frames` frames, in the log with these salts. */
export interface LogPosition {
  /** The 8 random bytes in the header that identify a generation of the log, hexadecimal; empty for no log. */
  readonly salts: string;
  readonly frames: number;
}

export class WalFile {
  readonly #file: number;
  readonly #chunk = Buffer.alloc(FRAMES_PER_READ * FRAME_BYTES);
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #salts = Buffer.alloc(0);
  #frames = 0;
  #pageCount = 0;
  /** CRC-32 of the newest committed content of each page in the log. */
  readonly #pages = new Map<number, number>();
  /** SQLite restarts the log with new salts once it has been checkpointed completely. */
  #mayBeginAnew = true;

  /** Opens an existing log; `null` when there is none. */
  static open(path: string): WalFile | null {
    try {
      return new WalFile(openSync(path, 'r'));
    } catch (error) {
      if ((error as { readonly code?: unknown }).code === 'ENOENT') return null;
      throw error;
    }
  }

  private constructor(file: number) {
    this.#file = file;
  }

  get position(): LogPosition {
    return { salts: this.#salts.toString('hex'), frames: this.#frames };
  }

  /** Pages that the database has after the last commit of the log; 0 when there is none. */
  get pageCount(): number {
    return this.#pageCount;
  }

  get pages(): ReadonlyMap<number, number> {
    return this.#pages;
  }

  /** Deleted while open: further commits would be lost when this process ends. */
  get isDeleted(): boolean {
    return fstatSync(this.#file).nlink === 0;
  }

  /** Called after a complete checkpoint: the next commit may restart the log. */
  copied(): void {
    this.#mayBeginAnew = true;
  }

  /** Reads commits since the last call, in a log started by this process, which has no stale frames behind its end. */
  follow(): void {
    if (this.#mayBeginAnew && !this.#readHeader()) return;
    this.#read(null);
  }

  /** Reads the whole log and checks the checksum of each frame, as SQLite does when it opens a database. */
  scan(): void {
    this.#frames = 0;
    this.#pageCount = 0;
    this.#pages.clear();
    this.#mayBeginAnew = true;
    if (!this.#readHeader()) return;
    const chain = new ChecksumChain(this.#header);
    if (chain.isHeaderSound) this.#read(chain);
  }

  #read(chain: ChecksumChain | null): void {
    const uncommitted = new Map<number, number>();
    for (let frame = this.#frames; ;) {
      const bytes = readSync(
        this.#file,
        this.#chunk,
        0,
        this.#chunk.length,
        HEADER_BYTES + frame * FRAME_BYTES,
      );
      for (let at = 0; at + FRAME_BYTES <= this.#chunk.length; at += FRAME_BYTES) {
        if (at + FRAME_BYTES > bytes) return;
        const header = this.#chunk.subarray(at, at + FRAME_HEADER_BYTES);
        const page = this.#chunk.subarray(at + FRAME_HEADER_BYTES, at + FRAME_BYTES);
        const number = header.readUInt32BE(0);
        if (number === 0 || header.compare(this.#salts, 0, 8, 8, 16) !== 0) return;
        if (chain !== null && !chain.continuesWith(header, page)) return;
        frame += 1;
        uncommitted.set(number, crc32(page));
        const pageCount = header.readUInt32BE(4);
        if (pageCount === 0) continue;
        for (const [changed, checksum] of uncommitted) this.#pages.set(changed, checksum);
        uncommitted.clear();
        this.#frames = frame;
        this.#pageCount = pageCount;
        this.#mayBeginAnew = false;
      }
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  /** False when there is no valid header. */
  #readHeader(): boolean {
    const bytes = readSync(this.#file, this.#header, 0, HEADER_BYTES, 0);
    const isLog =
      bytes === HEADER_BYTES &&
      (this.#header.readUInt32BE(0) & 0xfffffffe) === MAGIC &&
      this.#header.readUInt32BE(8) === PAGE_BYTES;
    if (!isLog) return false;
    const salts = this.#header.subarray(16, 24);
    if (salts.equals(this.#salts)) return true;
    this.#salts = Buffer.from(salts);
    this.#frames = 0;
    this.#pageCount = 0;
    this.#pages.clear();
    return true;
  }
}

/** The lowest bit is the byte order of the checksum: 1 for big-endian. */
const MAGIC = 0x377f0682;

/** SQLite's running checksum over the header and all frames. */
class ChecksumChain {
  readonly isHeaderSound: boolean;
  readonly #isHighestFirst: boolean;
  #first = 0;
  #second = 0;

  constructor(header: Buffer) {
    this.#isHighestFirst = (header.readUInt32BE(0) & 1) === 1;
    this.#add(header.subarray(0, 24));
    this.isHeaderSound = this.#is(header, 24);
  }

  continuesWith(header: Buffer, page: Buffer): boolean {
    this.#add(header.subarray(0, 8));
    this.#add(page);
    return this.#is(header, 16);
  }

  #add(bytes: Buffer): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const isLowestFirst = !this.#isHighestFirst;
    let first = this.#first;
    let second = this.#second;
    for (let at = 0; at < bytes.length; at += 8) {
      first = (first + view.getUint32(at, isLowestFirst) + second) >>> 0;
      second = (second + view.getUint32(at + 4, isLowestFirst) + first) >>> 0;
    }
    this.#first = first;
    this.#second = second;
  }

  #is(bytes: Buffer, at: number): boolean {
    return bytes.readUInt32BE(at) === this.#first && bytes.readUInt32BE(at + 4) === this.#second;
  }
}
