/**
 * Pauses saving while a reserve of disk space is still free, so that the write-ahead log can always be checkpointed,
 * writes that free space succeed, and the machine keeps working. On a disk without any space left, a database cannot
 * even delete.
 *
 *   saving ──less than the reserve is free, or SQLITE_FULL──▶ paused ──an eighth more than the reserve──▶ saving
 */
import { statfsSync } from 'node:fs';

const MB = 1024 * 1024;
/** More than the write-ahead log holds between two checkpoints (open-database.ts). */
const RESERVE_MIN = 32 * MB;
const RESERVE_MAX = 256 * MB;
/** Bounds of the interval, in time and bytes written, between queries of the file system, which take some 10 µs. */
const CHECK_MS = 200;
const CHECK_BYTES = 1 * MB;
/** How long reported free space is ignored after SQLITE_FULL: it may include space that this user cannot use. */
const FULL_MS = 5_000;

/** Size and free space of the file system of a directory, in bytes. */
export interface DiskSize {
  readonly total: number;
  readonly free: number;
}

export function diskSizeOf(directory: string): DiskSize {
  const { blocks, bavail, bsize } = statfsSync(directory);
  return { total: blocks * bsize, free: bavail * bsize };
}

/** A sixteenth of the disk, within bounds. */
export function defaultReserve({ total }: Pick<DiskSize, 'total'>): number {
  return Math.min(RESERVE_MAX, Math.max(RESERVE_MIN, Math.floor(total / 16)));
}

export interface DiskSpaceOptions {
  /** Bytes that stay free; 0 switches the check off, null is {@link defaultReserve}. */
  readonly reserveBytes: number | null;
  readonly size: () => DiskSize;
  /** Bytes inside the database file that can be used again. */
  readonly reusable: () => number;
  /** Milliseconds since any moment. */
  readonly now: () => number;
}

export class DiskSpace {
  readonly #options: DiskSpaceOptions;
  #isPaused = false;
  #freeBytes: number | null = null;
  #checkedAt = -Infinity;
  #writtenSince = 0;
  #fullUntil = -Infinity;

  constructor(options: DiskSpaceOptions) {
    this.#options = options;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }
  /** As of the last check; null before, and where the file system does not report it. */
  get freeBytes(): number | null {
    return this.#freeBytes;
  }

  /** Checks again when it is due. Returns whether saving is paused. */
  check(): boolean {
    const now = this.#options.now();
    const isDue = now - this.#checkedAt >= CHECK_MS || this.#writtenSince >= CHECK_BYTES;
    if (!isDue) return this.#isPaused;
    this.#checkedAt = now;
    this.#writtenSince = 0;
    this.#isPaused = now < this.#fullUntil || this.#isLow();
    return this.#isPaused;
  }

  written(bytes: number): void {
    this.#writtenSince += bytes;
  }

  /** Called when a write failed for lack of space, and was rolled back. */
  foundFull(): void {
    this.#fullUntil = this.#options.now() + FULL_MS;
    this.#isPaused = true;
  }

  #isLow(): boolean {
    const size = this.#size();
    this.#freeBytes = size?.free ?? null;
    const { reserveBytes, reusable } = this.#options;
    if (size === null || reserveBytes === 0) return false;
    const reserve = reserveBytes ?? defaultReserve(size);
    const enough = this.#isPaused ? reserve + reserve / 8 : reserve;
    if (size.free >= enough) return false;
    // Deletes leave reusable pages in the file, not disk space, of which the log still needs some.
    return size.free < reserve / 2 || size.free + reusable() < enough;
  }

  #size(): DiskSize | null {
    try {
      return this.#options.size();
    } catch {
      // The file system does not report free space: writes then fail by themselves when there is none.
      return null;
    }
  }
}
