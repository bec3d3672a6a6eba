/**
 * Whether there is room on the disk to store more. Saving stops while a reserve is still free, so that the
 * write-ahead log can always be copied into the database file, what frees space can be written, and the machine
 * goes on working. A database on a disk without any space left cannot even delete.
 *
 *   saving ──less than the reserve is free, or SQLITE_FULL──▶ paused ──an eighth more than the reserve──▶ saving
 */
import { statfsSync } from 'node:fs';

const MB = 1024 * 1024;
/** More than the write-ahead log holds between two checkpoints (open-database.ts). */
const RESERVE_MIN = 32 * MB;
const RESERVE_MAX = 256 * MB;
/** Asking the file system takes some 10 µs: at most so often, and after so much was written. */
const CHECK_MS = 200;
const CHECK_BYTES = 1 * MB;
/** After SQLITE_FULL the file system is not believed for this long: it may count what this user cannot have. */
const FULL_MS = 5_000;

/** Of the file system that a directory is on, in bytes. */
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
  /** As it was last seen; null before, and where the file system does not say. */
  get freeBytes(): number | null {
    return this.#freeBytes;
  }

  /** Looks again when it is time to. Returns whether saving is paused. */
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

  /** A write found no space; nothing of it was written. */
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
    // What was deleted leaves pages in the file, not space on the disk; the log still needs some of the latter.
    return size.free < reserve / 2 || size.free + reusable() < enough;
  }

  #size(): DiskSize | null {
    try {
      return this.#options.size();
    } catch {
      // A file system that cannot be asked: writes say so themselves when they find no space.
      return null;
    }
  }
}
