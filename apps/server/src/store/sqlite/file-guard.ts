/**
 * Guards the database files for the writing thread: detects loss and damage at the start and files that disappear at
 * run time, and maintains the two files needed for that (files/data-files.ts).
 */
import { chmodSync, closeSync, existsSync, openSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { StoreEvent, StoreIncident } from '../ports/store.ts';
import { companionsOf, DataFiles, type CopyLog, type Findings } from './files/data-files.ts';
import { readIncidents } from './files/incidents.ts';
import { PageCheck } from './files/page-check.ts';
import { recoverPages, renewHistory, replaceCompanions, reportLostCommits } from './recovery.ts';
import { integerIn, prepare, type Connection } from './rows.ts';

/** Retry delay after a checkpoint failed or was blocked by a long read such as a backup. */
const COPY_AGAIN_MS = 10_000;
/**
 * Minimum interval of the check whether the database was moved away, while groups are written. The check for removed or
 * replaced files runs before each acknowledgement: it costs a third as much.
 */
const PATH_MS = 50;

export class FileGuard {
  readonly #directory: string;
  readonly #files: DataFiles;
  readonly #findings: Findings;
  readonly #check: PageCheck;
  readonly #damagedAtStart: readonly number[];
  readonly #known: readonly StoreIncident[];
  readonly #lost: StoreIncident | null;
  #copyAgainAt = 0;
  #lookAtPathAt = 0;

  /**
   * Checks the files before SQLite opens them, while the directory is locked. Returns a sentence instead when the
   * database is missing beside files that belong to it: a new one would hide the loss.
   */
  static before(directory: string, path: string, checksAll: boolean): FileGuard | string {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size === 0) {
      const { log, sums, mark } = companionsOf(path);
      const left = [log, sums, mark].filter((file) => existsSync(file));
      if (left.length > 0) {
        const names = left.map((file) => basename(file)).join(', ');
        return (
          `its ${basename(path)} is missing or empty, though ${names} of it is there: restore the newest backup with ` +
          'concord restore, or move these files away to begin anew'
        );
      }
      // Readable by its owner only, whatever the directory allows; SQLite gives its other files the same mode.
      if (!existsSync(path)) closeSync(openSync(path, 'wx', 0o600));
    }
    return new FileGuard(directory, path, checksAll);
  }

  private constructor(directory: string, path: string, checksAll: boolean) {
    this.#directory = directory;
    this.#known = readIncidents(directory);
    const { files, findings } = DataFiles.open(path);
    this.#files = files;
    this.#findings = findings;
    this.#check = new PageCheck(files);
    const hasSums = !findings.unusable.some(({ file }) => file === companionsOf(path).sums);
    this.#damagedAtStart = hasSums ? this.#check.atStart(checksAll) : [];
    this.#lost = reportLostCommits(directory, path, findings);
  }

  /** Called once the schema is current: repairs what can be repaired, and reports the rest. */
  recover(connection: Connection): readonly StoreEvent[] {
    if (this.#lost !== null) renewHistory(connection);
    const replaced = replaceCompanions(connection, this.#directory, this.#files, this.#findings);
    const incidents = [...(this.#lost === null ? [] : [this.#lost]), ...replaced];
    return [
      ...this.#known.map((incident) => ({ type: 'incident', incident, isNew: false }) as const),
      ...incidents.map((incident) => ({ type: 'incident', incident, isNew: true }) as const),
      ...this.#recoverPages(connection, this.#damagedAtStart),
    ];
  }

  /** Checkpoints what the last run left in the log, after a first write to the log. */
  beginAnew(connection: Connection): void {
    connection.exec('UPDATE store SET has_page_sums = 1');
    this.#files.beginAnew(copyBy(connection));
    // This write makes sure that the log exists.
    connection.exec('UPDATE store SET has_page_sums = 1');
  }

  /** Starts following commits in the log. */
  begin(): void {
    this.#files.begin();
    for (const entry of readdirSync(this.#directory, { withFileTypes: true })) {
      const path = join(this.#directory, entry.name);
      if (entry.isFile() && (statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
    }
  }

  /**
   * Why no write may be acknowledged any more, or null. A deleted log is checkpointed into the database first: while
   * this process has it open, its contents are not lost.
   */
  whyStopped(connection: Connection): string | null {
    const now = performance.now();
    const looksAtPath = now >= this.#lookAtPathAt;
    if (looksAtPath) this.#lookAtPathAt = now + PATH_MS;
    const missing = this.#files.missing(looksAtPath);
    if (missing === null) return null;
    if (missing === 'log') this.copyLog(connection, 'PASSIVE');
    const what = missing === 'log' ? 'write-ahead log was' : 'database was';
    return `The ${what} removed or replaced while the server ran; nothing more is acknowledged. Look into ${this.#directory} before you start the server again.`; // prettier-ignore
  }

  /** Called after a group is durable and was answered. */
  committed(connection: Connection): void {
    this.#files.committed();
    if (!this.#files.isCopyDue || performance.now() < this.#copyAgainAt) return;
    let isCopied = false;
    try {
      isCopied = this.copyLog(connection, 'PASSIVE');
    } catch {
      // Commits are safe in the log, which grows until the disk has space or works again.
    }
    if (!isCopied) this.#copyAgainAt = performance.now() + COPY_AGAIN_MS;
  }

  /** Checks the next range of pages against their checksums; covers the database once a day. */
  checkPiece(connection: Connection): readonly StoreEvent[] {
    return this.#recoverPages(connection, this.#check.piece());
  }

  /** Checkpoints the log into the database, checksums first. */
  copyLog(connection: Connection, mode: 'PASSIVE' | 'TRUNCATE'): boolean {
    return this.#files.copyLog(copyBy(connection), mode);
  }

  /** Called after SQLite has closed the database. */
  close(): void {
    this.#files.close();
  }

  #recoverPages(connection: Connection, pages: readonly number[]): readonly StoreEvent[] {
    const { incidents, repaired, isDerivedReset } = recoverPages(connection, this.#directory, this.#files, pages); // prettier-ignore
    return [
      ...incidents.map((incident) => ({ type: 'incident', incident, isNew: true }) as const),
      ...repaired.map((message) => ({ type: 'repaired', message }) as const),
      ...(isDerivedReset ? [{ type: 'derivedReset' } as const] : []),
    ];
  }
}

const copyBy =
  (connection: Connection): CopyLog =>
  (mode) => {
    const row = prepare(connection, `PRAGMA wal_checkpoint(${mode})`).get([]) ?? {};
    return {
      busy: integerIn(row, 'busy'),
      log: integerIn(row, 'log'),
      checkpointed: integerIn(row, 'checkpointed'),
    };
  };
