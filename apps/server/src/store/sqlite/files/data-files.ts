/**
 * The files of a data directory beside what SQLite knows of them: is every page what was written, is the
 * write-ahead log as long as it was, are the files still those that were opened?
 *
 *   concord.sqlite        pages        each has its checksum in concord.sqlite-sums
 *   concord.sqlite-wal    commits      SQLite's checksum per frame; its length in concord.sqlite-mark
 *   concord.sqlite-sums   checksums    under a checksum; made anew from the database when damaged, and said
 *   concord.sqlite-mark   one position under a checksum; made anew, and said
 *
 * To be used by the one thread that writes, while it holds SQLite's lock. The database file is opened once and kept open
 * until SQLite has closed it: closing any descriptor of a file drops all POSIX locks that the process has on it.
 */
import { closeSync, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { crc32 } from 'node:zlib';
import { CommitMark } from './commit-mark.ts';
import { PageSums } from './page-sums.ts';
import { PAGE_BYTES, WalFile } from './wal-file.ts';

/** Pages read at a time when checking. */
const PAGES_PER_READ = 256;
/** The log is copied into the database after so many pages: commits wait for it, which is why it is seldom. */
const FRAMES_BEFORE_COPY = 4_000;

export const companionsOf = (database: string) => ({
  log: `${database}-wal`,
  sums: `${database}-sums`,
  mark: `${database}-mark`,
});

/** What differs from what was written. */
export interface Findings {
  /** Commits that were durable and are no longer in the log, as frames of the log. */
  readonly lost: { readonly expectedFrames: number; readonly foundFrames: number } | null;
  readonly unusable: readonly {
    readonly file: string;
    readonly state: 'missing' | 'damaged';
  }[];
}

/** Copies the log into the database; the arguments are SQLite's. */
export type CopyLog = (mode: 'PASSIVE' | 'TRUNCATE') => {
  readonly busy: number;
  readonly log: number;
  readonly checkpointed: number;
};

export class DataFiles {
  readonly path: string;
  /** Of the database: other threads may read from it too. */
  readonly descriptor: number;
  readonly #opened: Stats;
  #log: WalFile | null;
  #sums: PageSums;
  #mark: CommitMark | null = null;
  /** Nothing was committed since all of the log was copied. */
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

  /** Takes the database as it is for what was written: a new one, one from before there were checksums. */
  adoptAll(): void {
    this.#sums = new PageSums(companionsOf(this.path).sums);
    this.#eachPage(1, Infinity, (page, bytes) => this.#sums.set(page, crc32(bytes)));
    this.#sums.write();
  }

  /** Takes these pages as they are for what was written, once somebody was told. */
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
   * Copies all of the log that was found and makes SQLite begin a new one: behind the end of the old one there may be
   * frames that look like its own. SQLite has written to the log before.
   */
  beginAnew(copy: CopyLog): void {
    this.#log ??= WalFile.open(companionsOf(this.path).log);
    this.#log?.scan();
    this.#copy(copy, 'TRUNCATE');
  }

  /** From now on the log is followed; called when SQLite has begun a new one. */
  begin(): void {
    this.#mark = new CommitMark(companionsOf(this.path).mark);
    this.#log?.follow();
    this.#writeMark(true);
  }

  /** Something was committed and is durable. */
  committed(): void {
    this.#isCopied = false;
    this.#log?.follow();
    this.#writeMark(false);
  }

  get isCopyDue(): boolean {
    return !this.#isCopied && (this.#log?.position.frames ?? 0) >= FRAMES_BEFORE_COPY;
  }

  /**
   * Copies the log into the database, its checksums first: a page in the database never lacks its own.
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
    // Somebody still reads an older state: the rest is copied another time.
    if (busy !== 0 || checkpointed < frames) return false;
    // Before SQLite begins the log anew: from here on nothing of the old one is missed.
    this.#mark?.write({ salts: log?.position.salts ?? '', frames: 0 }, true);
    log?.copied();
    this.#isCopied = true;
    return true;
  }

  /**
   * What is wrong with the open files: they were removed or replaced, so that they have no name any more.
   * @param looksAtPath also whether the database was moved away, or one of its names was removed: what is written is
   *   kept then, where the next start does not find it. Takes twice as long as all the rest.
   */
  missing(looksAtPath: boolean): 'database' | 'log' | null {
    if (fstatSync(this.descriptor).nlink === 0) return 'database';
    if (this.#log?.isDeleted === true) return 'log';
    if (!looksAtPath) return null;
    const now = statSync(this.path, { throwIfNoEntry: false });
    return now?.ino !== this.#opened.ino || now.dev !== this.#opened.dev ? 'database' : null;
  }

  /** Pages to be checked, over all. */
  get pageCount(): number {
    return Math.max(this.#sums.count, this.#pagesInFile());
  }

  /**
   * Compares pages of the database with their checksums.
   * @returns those that are not what was written; pages behind the end of the file are among them
   */
  damagedAmong(first: number, count: number): readonly number[] {
    const inLog = this.#log?.pages ?? new Map<number, number>();
    const damaged: number[] = [];
    this.#eachPage(first, count, (page, bytes) => {
      if (!inLog.has(page) && !this.#sums.isSound(page, bytes)) damaged.push(page);
    });
    // With a log that was not copied yet, the file may be longer or shorter than after it.
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

  /** A piece of a page at the end counts as a page. */
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
