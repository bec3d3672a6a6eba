/**
 * Integrity of the data files beyond what SQLite checks: whether each page is as written, whether the write-ahead log
 * is as long as it was, and whether the files are still those that were opened.
 *
 *   concord.sqlite        pages        each has its checksum in concord.sqlite-sums
 *   concord.sqlite-wal    commits      SQLite's checksum per frame; its length in concord.sqlite-mark
 *   concord.sqlite-sums   checksums    under a checksum; recomputed from the database when damaged, and reported
 *   concord.sqlite-mark   one position under a checksum; rewritten when damaged, and reported
 *
 * Used by the writing thread only, while it holds SQLite's lock. The database file is opened once and kept open
 * until SQLite has closed it: closing any descriptor of a file drops all POSIX locks that the process has on it.
 */
import { closeSync, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { crc32 } from 'node:zlib';
import { CommitMark } from './commit-mark.ts';
import { PageSums } from './page-sums.ts';
import { PAGE_BYTES, WalFile } from './wal-file.ts';

/** Pages read at a time when checking. */
const PAGES_PER_READ = 256;
/** Frames after which the log is checkpointed; rare, because commits wait for it. */
const FRAMES_BEFORE_COPY = 4_000;

export const companionsOf = (database: string) => ({
  log: `${database}-wal`,
  sums: `${database}-sums`,
  mark: `${database}-mark`,
});

/** Differences between the files and what was written. */
export interface Findings {
  /** Commits that were durable and are no longer in the log, as frames of the log. */
  readonly lost: { readonly expectedFrames: number; readonly foundFrames: number } | null;
  readonly unusable: readonly {
    readonly file: string;
    readonly state: 'missing' | 'damaged';
  }[];
}

/** Checkpoints the log into the database, with SQLite's mode and result. */
export type CopyLog = (mode: 'PASSIVE' | 'TRUNCATE') => {
  readonly busy: number;
  readonly log: number;
  readonly checkpointed: number;
};

export class DataFiles {
  readonly path: string;
  /** File descriptor of the database; other threads may read from it too. */
  readonly descriptor: number;
  readonly #opened: Stats;
  #log: WalFile | null;
  #sums: PageSums;
  #mark: CommitMark | null = null;
  /** The whole log was checkpointed, and nothing was committed since. */
  #isCopied = false;

  /** @param path of the database, which exists and is locked */
  static open(path: string): { files: DataFiles; findings: Findings } {
    const { log, sums, mark } = companionsOf(path);
    const files = new DataFiles(path, WalFile.open(log));
    files.#log?.scan();
    const keptSums = PageSums.read(sums);
    const keptMark = CommitMark.read(mark);
    const unusable: { file: string; state: 'missing' | 'damaged' }[] = [];
    if (typeof keptSums === 'string') unusable.push({ file: sums, state: keptSums });
    else files.#sums = keptSums;
    let lost: Findings['lost'] = null;
    if (typeof keptMark === 'string') {
      unusable.push({ file: mark, state: keptMark });
    } else if (keptMark.frames > 0) {
      const position = files.#log?.position;
      const foundFrames = position?.salts === keptMark.salts ? position.frames : 0;
      if (foundFrames < keptMark.frames) lost = { expectedFrames: keptMark.frames, foundFrames };
    }
    return { files, findings: { lost, unusable } };
  }

  private constructor(path: string, log: WalFile | null) {
    this.path = path;
    this.descriptor = openSync(path, 'r');
    this.#opened = fstatSync(this.descriptor);
    this.#log = log;
    this.#sums = new PageSums(companionsOf(path).sums);
  }

  /** Recomputes all checksums from the database, which is new or older than the checksums. */
  adoptAll(): void {
    this.#sums = new PageSums(companionsOf(this.path).sums);
    this.#eachPage(1, Infinity, (page, bytes) => this.#sums.set(page, crc32(bytes)));
    this.#sums.write();
  }

  /** Accepts the current content of these pages, after their damage was reported. */
  adopt(pages: readonly number[]): void {
    const length = this.#pagesInFile();
    for (const page of pages) {
      if (page > length) continue;
      this.#eachPage(page, 1, (_, bytes) => this.#sums.set(page, crc32(bytes)));
    }
    if (pages.some((page) => page > length)) this.#sums.setCount(length);
    this.#sums.write();
  }

  /**
   * Checkpoints the existing log completely and makes SQLite start a new one: behind the end of the old one there may
   * be stale frames that look valid. SQLite must have written to the log before.
   */
  beginAnew(copy: CopyLog): void {
    this.#log ??= WalFile.open(companionsOf(this.path).log);
    this.#log?.scan();
    this.#copy(copy, 'TRUNCATE');
  }

  /** Starts following the log; called when SQLite has started a new one. */
  begin(): void {
    this.#mark = new CommitMark(companionsOf(this.path).mark);
    this.#log?.follow();
    this.#writeMark(true);
  }

  /** Called when a commit is durable. */
  committed(): void {
    this.#isCopied = false;
    this.#log?.follow();
    this.#writeMark(false);
  }

  get isCopyDue(): boolean {
    return !this.#isCopied && (this.#log?.position.frames ?? 0) >= FRAMES_BEFORE_COPY;
  }

  /**
   * Checkpoints the log into the database, checksums first: a page in the database never lacks its checksum.
   * @returns whether all of it was copied
   */
  copyLog(copy: CopyLog, mode: 'PASSIVE' | 'TRUNCATE'): boolean {
    this.#log?.follow();
    return this.#copy(copy, mode);
  }

  #copy(copy: CopyLog, mode: 'PASSIVE' | 'TRUNCATE'): boolean {
    const log = this.#log;
    if (log !== null && log.pages.size > 0) {
      for (const [page, checksum] of log.pages) this.#sums.set(page, checksum);
      this.#sums.setCount(log.pageCount);
      this.#sums.write();
    }
    const { busy, log: frames, checkpointed } = copy(mode);
    // A reader still holds an older snapshot: a later checkpoint copies the rest.
    if (busy !== 0 || checkpointed < frames) return false;
    // Before SQLite restarts the log: from here on the old one may be gone.
    this.#mark?.write({ salts: log?.position.salts ?? '', frames: 0 }, true);
    log?.copied();
    this.#isCopied = true;
    return true;
  }

  /**
   * Which of the open files was removed or replaced, so that it has no name any more.
   * @param looksAtPath also checks whether the database was moved away or one of its names removed: writes then go to a
   *   file that the next start does not find. Costs twice as much as the other checks.
   */
  missing(looksAtPath: boolean): 'database' | 'log' | null {
    if (fstatSync(this.descriptor).nlink === 0) return 'database';
    if (this.#log?.isDeleted === true) return 'log';
    if (!looksAtPath) return null;
    const now = statSync(this.path, { throwIfNoEntry: false });
    return now?.ino !== this.#opened.ino || now.dev !== this.#opened.dev ? 'database' : null;
  }

  /** Total number of pages to check. */
  get pageCount(): number {
    return Math.max(this.#sums.count, this.#pagesInFile());
  }

  /**
   * Compares pages of the database with their checksums.
   * @returns the damaged pages, including those behind the end of the file
   */
  damagedAmong(first: number, count: number): readonly number[] {
    const inLog = this.#log?.pages ?? new Map<number, number>();
    const damaged: number[] = [];
    this.#eachPage(first, count, (page, bytes) => {
      if (!inLog.has(page) && !this.#sums.isSound(page, bytes)) damaged.push(page);
    });
    // Before the log is checkpointed, the file may be longer or shorter than after it.
    if (inLog.size > 0) return damaged;
    const end = Math.min(first + count - 1, this.#sums.count);
    for (let page = Math.max(first, this.#pagesInFile() + 1); page <= end; page += 1) {
      damaged.push(page);
    }
    return damaged;
  }

  /** After SQLite has closed the database. */
  close(): void {
    closeSync(this.descriptor);
    this.#log?.close();
    this.#mark?.close();
  }

  #writeMark(isDurable: boolean): void {
    const position = this.#log?.position;
    if (position !== undefined) this.#mark?.write(position, isDurable);
  }

  /** A partial page at the end counts as a page. */
  #pagesInFile(): number {
    return Math.ceil(fstatSync(this.descriptor).size / PAGE_BYTES);
  }

  #eachPage(first: number, count: number, take: (page: number, bytes: Buffer) => void): void {
    const chunk = Buffer.alloc(Math.min(count, PAGES_PER_READ) * PAGE_BYTES);
    for (let page = first; page < first + count;) {
      const length = Math.min(chunk.length, (first + count - page) * PAGE_BYTES);
      const bytes = readSync(this.descriptor, chunk, 0, length, (page - 1) * PAGE_BYTES);
      for (let at = 0; at < bytes; at += PAGE_BYTES) {
        take(page, chunk.subarray(at, Math.min(at + PAGE_BYTES, bytes)));
        page += 1;
      }
      if (bytes < length) return;
    }
  }
}
