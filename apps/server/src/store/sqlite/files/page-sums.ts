/**
 * A checksum for each page of the database file, in a file beside it: SQLite has none of its own, so that a
 * flipped bit in a name, a title or a right would be served as it is. A page's checksum is written before the page is
 * copied from the write-ahead log into the database; as long as the log holds a page, its frame's checksum covers it.
 */
import { crc32 } from 'node:zlib';
import { checked, readChecked, replaceFile } from './small-files.ts';
import { PAGE_BYTES } from './wal-file.ts';

const MAGIC = 'CncdSums';
/** SQLite never uses the page with its lock bytes. */
const LOCK_PAGE = 0x40000000 / PAGE_BYTES + 1;

export class PageSums {
  readonly #path: string;
  #sums: Uint32Array;
  #count = 0;

  /** What the file at `path` holds. */
  static read(path: string): PageSums | 'missing' | 'damaged' {
    const kept = readChecked(path, MAGIC);
    if (typeof kept === 'string') return kept;
    if (kept.length % 4 !== 0) return 'damaged';
    // Copied: the numbers have to be aligned.
    return new PageSums(path, new Uint32Array(Uint8Array.from(kept).buffer));
  }

  constructor(path: string, sums = new Uint32Array(0)) {
    this.#path = path;
    this.#sums = sums;
    this.#count = sums.length;
  }

  /** Pages of the database. */
  get count(): number {
    return this.#count;
  }

  set(page: number, checksum: number): void {
    if (page > this.#sums.length) {
      const larger = new Uint32Array(Math.max(page, 2 * this.#sums.length, 256));
      larger.set(this.#sums);
      this.#sums = larger;
    }
    this.#sums[page - 1] = checksum;
    this.#count = Math.max(this.#count, page);
  }

  /** The database has this many pages now. */
  setCount(count: number): void {
    this.#count = Math.min(count, this.#sums.length);
  }

  isSound(page: number, bytes: Uint8Array): boolean {
    return page === LOCK_PAGE || this.#sums[page - 1] === crc32(bytes);
  }

  /** Durable when it returns. */
  write(): void {
    const numbers = this.#sums.subarray(0, this.#count);
    replaceFile(
      this.#path,
      checked(MAGIC, new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)),
    );
  }
}
